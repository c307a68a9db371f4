#include "foodorder/runtime/retry_loop.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "support/catch.hpp"
#include "world.hpp"

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

// A module that retries and gives up, written against the public headers only, as a plugin is.

namespace {

const std::string group = "kitchen-group";
const std::string source = "kitchen-service";

/// Burns Bob's orders twice, and cannot cook for Mallory.
class KitchenModule final : public Module, private RetryHandler {
 public:
  explicit KitchenModule(ModuleContext context)
      : events_(context.clock, context.ids, source),
        loop_(context.bus, context.clock, member_of(context, group, topics::orders), *this) {
    configure(context.settings);
  }

  Task<> run() override { return loop_.run(); }
  void stop() override { loop_.stop(); }
  void pause(bool paused) override { loop_.pause(paused); }
  void configure(const Settings& settings) override { loop_.set_work_time(milliseconds(settings.integer("cookMs"))); }
  bool ready() const override { return true; }
  json::object report() const override {
    json::object report;
    report["waiting"] = loop_.waiting();
    return report;
  }

 private:
  DeliveryResult deliver(const ConsumerRecord& record, Output& output) override {
    const Result<OrderEvent>& event = order_event(record);
    if (!event) return Done();
    if (event->order.customer_name == "Mallory") return give_up(record, "poison");
    if (event->order.customer_name.starts_with("Bob") && retry_count(*record.record) < 2) return Again(seconds(1));
    output.push_back(tell(record, "COOKED"));
    return Done();
  }
  std::optional<ProducerRecord> retried(const ConsumerRecord& record, std::int64_t count) override {
    return tell(record, "BURNT " + std::to_string(count));
  }
  GivenUp refused(const ConsumerRecord& record, const Error& why) override { return give_up(record, why.message); }

  GivenUp give_up(const ConsumerRecord& record, std::string_view reason) {
    ProducerRecord letter =
        events_.dead_letter(record, "kitchen.refused", reason, record.record->key(), record.record->value());
    return GivenUp(std::move(letter), tell(record, "REFUSED"));
  }
  ProducerRecord tell(const ConsumerRecord& record, std::string_view action) {
    return events_.audit(record, "kitchen", action, *record.record->key(), [](JsonObject&) {});
  }

  EventWriter events_;
  RetryLoop loop_;
};

ModuleKind kitchen_kind() {
  ModuleKind kind;
  kind.name = "kitchen";
  kind.settings = {SettingSpec::integer("cookMs", 0, 0, 10'000, "how long an order takes")};
  kind.make = make_module<KitchenModule>;
  return kind;
}

std::vector<std::string> actions(World& world) {
  std::vector<std::string> found;
  for (const ConsumerRecord& record : world.read(topics::audit)) found.push_back(*event_head(record)->action);
  return found;
}

using Actions = std::vector<std::string>;

}  // namespace

TEST_CASE("A module's record is retried as the same event, and what is behind it does not wait") {
  World world({kitchen_kind()});
  world.start("kitchen-1");
  world.order("Bob", 1'000, OrderAction::created, "6f1c4b9e-0000-4000-8000-000000000001");
  world.order("Alice", 1'000, OrderAction::created, "6f1c4b9e-0000-4000-8000-000000000001");  // in the same partition
  world.run_for(milliseconds(500));
  CHECK(actions(world) == Actions{"COOKED"});
  CHECK(world.report("kitchen-1").at("waiting").as_uint64() == 1);
  CHECK(!world.caught_up(group));
  world.run_for(seconds(5));
  CHECK(actions(world) == Actions{"COOKED", "BURNT 1", "BURNT 2", "COOKED"});
  std::vector<std::int64_t> counts;
  const auto records = world.read(topics::orders);
  for (const ConsumerRecord& record : records)
    if (event_id(record) == event_id(records.front())) counts.push_back(retry_count(*record.record));
  CHECK(counts == std::vector<std::int64_t>{0, 1, 2});
  CHECK(world.caught_up(group));
}

TEST_CASE("A record that a module gives up stands on orders-dlq with its place and the reason, and is reported") {
  World world({kitchen_kind()});
  world.start("kitchen-1");
  const Position at = world.order("Mallory");
  world.run_for(seconds(1));
  CHECK(actions(world) == Actions{"REFUSED"});
  const auto letters = world.read(topics::orders_dlq);
  REQUIRE(letters.size() == 1);
  const Headers& headers = letters.front().record->headers;
  CHECK(find_header(headers, headers::dlt_exception_message) == "poison");
  CHECK(find_header(headers, headers::dlt_original_topic) == "orders");
  CHECK(find_header(headers, headers::dlt_original_offset) == std::to_string(at.offset));
  CHECK(world.caught_up(group));
}

TEST_CASE("At a stop a module's retries go out at once") {
  World world({kitchen_kind()});
  world.start("kitchen-1");
  world.order("Bob");
  world.run_for(milliseconds(100));
  world.stop("kitchen-1");
  CHECK(actions(world) == Actions{"BURNT 1"});
  CHECK(world.read(topics::orders).size() == 2);
}

TEST_CASE("A retry that its topic refuses for good is given up, and nothing tells of a retry") {
  World world({kitchen_kind()}, 0, {{std::string(topics::orders), "800"}});
  world.start("kitchen-1");
  world.order("Bob");
  const std::size_t room = 800 - size_in_bytes(*world.read(topics::orders).at(0).record);
  // As large as its topic allows: the header of a retry no longer fits.
  const std::string exact = world.ids->uuid();
  world.order("Bob" + std::string(room, 'b'), 1'000, OrderAction::created, exact);
  world.run_for(seconds(5));
  std::vector<std::string> told;
  for (const ConsumerRecord& record : world.read(topics::audit))
    if (record.record->key() == exact) told.push_back(*event_head(record)->action);
  CHECK(told == Actions{"REFUSED"});
  CHECK(world.read(topics::orders_dlq).size() == 1);
  CHECK(world.caught_up(group));
}

TEST_CASE("Work that takes time is done one at a time per partition") {
  World world({kitchen_kind()});
  world.start("kitchen-1", {{"cookMs", SettingValue(std::int64_t{1'000})}});
  for (int i = 0; i < 3; ++i) world.order("Alice", 1'000, OrderAction::created, "6f1c4b9e-0000-4000-8000-000000000001");
  world.run_for(milliseconds(2'500));
  CHECK(actions(world).size() == 2);
  world.run_for(milliseconds(1'000));
  CHECK(actions(world).size() == 3);
}
