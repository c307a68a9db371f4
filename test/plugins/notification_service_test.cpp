#include "captured_log.hpp"
#include "module.hpp"
#include "support/catch.hpp"
#include "world.hpp"

#include <algorithm>
#include <map>
#include <set>

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string service = "notification-service";
const std::string group = "notification-group";

std::vector<std::string> with_prefix(const std::vector<std::string>& lines, std::string_view prefix) {
  std::vector<std::string> found;
  for (const std::string& line : lines)
    if (line.starts_with(prefix)) found.push_back(line);
  return found;
}

std::string header(const ConsumerRecord& record, std::string_view name) {
  return std::string(find_header(record.record->headers, name).value_or("(none)"));
}

std::multiset<std::string> event_ids(const std::vector<ConsumerRecord>& records) {
  std::multiset<std::string> ids;
  for (const ConsumerRecord& record : records) ids.insert(event_id(record));
  return ids;
}

}  // namespace

TEST_CASE("With a fail rate of 1 every order gives RETRY 1, RETRY 2 and a dead letter") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 1.0}});
  std::set<std::string> orders;
  for (int i = 0; i < 5; ++i) {
    const std::string id = world.ids->uuid();
    world.order("Alice", 1'000, OrderAction::created, id);
    orders.insert(id);
  }
  world.run_for(seconds(5));

  const auto audit = world.audit_of(service);
  CHECK(audit.size() == 15);
  for (const std::string& id : orders) {
    CHECK(with_prefix(audit, "RETRY " + id) == std::vector<std::string>{"RETRY " + id + " 1", "RETRY " + id + " 2"});
    CHECK(with_prefix(audit, "DLQ " + id) == std::vector<std::string>{"DLQ " + id + " 2"});
  }
  const auto letters = world.read(topics::orders_dlq);
  REQUIRE(letters.size() == 5);
  for (const ConsumerRecord& letter : letters) {
    const json::value body = json::parse(*letter.record->value());
    CHECK(body.at("reason").as_string() == "Max retries exceeded");
    CHECK(body.at("action").as_string() == "created");
    CHECK(body.at("instanceId").as_string() == "notification-1");
    CHECK(orders.count(body.at("order").at("id").as_string().c_str()) == 1);
    CHECK(header(letter, headers::dlt_original_topic) == "orders");
    CHECK(header(letter, headers::dlt_exception_message) == "Max retries exceeded");
  }
  const auto log = world.read(topics::orders);
  CHECK(log.size() == 15);
  const auto events = event_ids(log);
  CHECK(std::set<std::string>(events.begin(), events.end()).size() == 5);  // a retry is the same event
  CHECK(world.caught_up(group));
}

TEST_CASE("Fail modes drop and retry-forever write no dead letter, and a change holds from the next record") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 1.0}, {"failMode", std::string("drop")}});
  world.order("Alice");
  world.run_for(seconds(3));
  CHECK(with_prefix(world.audit_of(service), "DROPPED").size() == 1);

  world.supervisor().configure("notification-1", {{"failMode", std::string("retry-forever")}}).value();
  world.order("Bob");
  world.run_for(seconds(20));
  CHECK(with_prefix(world.audit_of(service), "RETRY").size() > 5);
  CHECK(with_prefix(world.audit_of(service), "NOTIFIED").empty());

  world.supervisor().configure("notification-1", {{"failRate", 0.0}}).value();
  world.run_for(seconds(6));
  CHECK(with_prefix(world.audit_of(service), "NOTIFIED").size() == 1);
  CHECK(world.read(topics::orders_dlq).empty());
  CHECK(world.caught_up(group));
}

TEST_CASE("A retry that waits holds up no other order, and nothing above it is committed") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 1.0}, {"retryBackoffMs", std::int64_t{5'000}}});
  const std::string id = world.ids->uuid();
  world.order("Alice", 1'000, OrderAction::created, id);
  world.run_for(milliseconds(10));
  world.supervisor().configure("notification-1", {{"failRate", 0.0}}).value();
  for (int i = 0; i < 20; ++i) world.order("Alice", 1'000, OrderAction::updated, id);  // the same partition
  world.run_for(milliseconds(10));
  CHECK(with_prefix(world.audit_of(service), "NOTIFIED").size() == 20);
  CHECK(!world.caught_up(group));
  world.run_for(seconds(6));
  CHECK(with_prefix(world.audit_of(service), "NOTIFIED").size() == 21);
  CHECK(world.caught_up(group));
}

TEST_CASE("A stop and a rebalance produce what waits at once, a crash begins the wait again") {
  World world({notification_kind()});
  world.start(
      "notification-1",
      {{"failRate", 1.0}, {"retryBackoffMs", std::int64_t{60'000}}, {"retryBackoffMaxMs", std::int64_t{60'000}}});
  for (int i = 0; i < 6; ++i) world.order("Alice");
  world.run_for(milliseconds(10));
  REQUIRE(world.read(topics::orders).size() == 6);

  SECTION("a stop") {
    world.stop("notification-1");
    CHECK(world.read(topics::orders).size() == 12);
    CHECK(with_prefix(world.audit_of(service), "RETRY").size() == 6);
  }
  SECTION("a rebalance") {
    world.start("notification-2", {{"failRate", 0.0}});
    world.run_for(seconds(5));
    CHECK(world.read(topics::orders).size() == 12);
    CHECK(with_prefix(world.audit_of(service), "RETRY").size() == 6);
  }
  SECTION("a crash") {
    world.crash("notification-1");
    world.run_for(seconds(30));
    CHECK(world.read(topics::orders).size() == 6);
    world.restart("notification-1");
    world.run_for(seconds(40));
    CHECK(world.read(topics::orders).size() == 6);
    world.run_for(seconds(40));
    CHECK(world.read(topics::orders).size() == 12);
  }
}

TEST_CASE("A crash after the send and before the commit repeats the work with the same event ids") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 0.5}});
  for (int i = 0; i < 20; ++i) world.order("Alice");
  world.run_for(seconds(5));
  const auto before = event_ids(world.read(topics::audit));
  REQUIRE(before.size() >= 20);
  world.stop("notification-1");
  // As if no commit had ever been made.
  world.rewind(group);
  world.restart("notification-1");
  world.run_for(seconds(5));
  const auto after = event_ids(world.read(topics::audit));
  CHECK(after.size() > before.size());
  CHECK(std::set<std::string>(before.begin(), before.end()) == std::set<std::string>(after.begin(), after.end()));
}

TEST_CASE("A body that cannot be read goes to the dead letters as it came and stops nobody") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 0.0}});
  const std::string bytes("\x00\xff not json", 11);
  world.produce(topics::orders, Record("a-key", bytes));
  world.produce(topics::orders, Record("a-key", std::nullopt));
  world.produce(topics::orders, Record(std::nullopt, "{}"));
  world.order("Alice");
  world.run_for(seconds(1));
  const auto letters = world.read(topics::orders_dlq);
  REQUIRE(letters.size() == 3);
  int raw = 0;
  int tombstones = 0;
  for (const ConsumerRecord& letter : letters) {
    raw += letter.record->value() == bytes && letter.record->key() == "a-key";
    tombstones += !letter.record->value();
    CHECK(header(letter, headers::dlt_exception_message) != "(none)");
    CHECK(header(letter, headers::dlt_original_topic) == "orders");
  }
  CHECK(raw == 1);
  CHECK(tombstones == 1);
  CHECK(world.audit_of(service).size() == 1);
  CHECK(world.report("notification-1").at("unparsable").as_int64() == 3);
  CHECK(world.caught_up(group));
}

TEST_CASE("A body that is too large for a letter with its headers is left out, and the letter tells of it") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 0.0}});
  world.produce(topics::orders, Record("a-key", std::string(1'048'300, 'x')));
  world.run_for(seconds(1));
  const auto letters = world.read(topics::orders_dlq);
  REQUIRE(letters.size() == 1);
  CHECK(letters[0].record->key() == "a-key");
  CHECK(!letters[0].record->value());
  CHECK(header(letters[0], headers::dlt_original_offset) == "0");
  CHECK(header(letters[0], headers::dlt_exception_message).ends_with("its value is left out"));
  CHECK(world.caught_up(group));
}

TEST_CASE("A partition with too many unfinished records pauses, and goes on when half are finished") {
  World world({notification_kind()});
  world.start("notification-1",
              {{"failRate", 1.0}, {"failMode", std::string("drop")}, {"unfinishedMax", std::int64_t{4}}});
  const std::string id = world.ids->uuid();
  for (int i = 0; i < 300; ++i) world.order("Alice", 1'000, OrderAction::updated, id);
  world.run_for(milliseconds(50));
  CHECK(world.report("notification-1").at("unfinished").to_number<std::size_t>() < 300);
  const bool done = world.run_until([&] { return world.caught_up(group); }, std::chrono::minutes(10));
  CHECK(done);
  CHECK(with_prefix(world.audit_of(service), "DROPPED").size() == 300);
}

namespace {

std::vector<std::string> reasons(const std::vector<ConsumerRecord>& letters) {
  std::vector<std::string> all;
  for (const ConsumerRecord& letter : letters) all.push_back(header(letter, headers::dlt_exception_message));
  return all;
}

}  // namespace

TEST_CASE("A retry that orders refuses for good is a dead letter, and audit tells of no retry") {
  World world({notification_kind()}, 0, {{std::string(topics::orders), "800"}});
  world.start("notification-1", {{"failRate", 1.0}});
  const std::string id = world.ids->uuid();
  world.order("A", 1'000, OrderAction::created, id);
  const auto record = world.read(topics::orders).at(0);
  const std::size_t room = 800 - size_in_bytes(*record.record);
  // As large as its topic allows: the header of a retry no longer fits.
  const std::string exact = world.ids->uuid();
  world.order(std::string(1 + room - 5, 'A'), 1'000, OrderAction::created, exact);
  world.run_for(seconds(5));

  CHECK(with_prefix(world.audit_of(service), "RETRY " + exact).empty());
  CHECK(with_prefix(world.audit_of(service), "DLQ " + exact) == std::vector<std::string>{"DLQ " + exact + " 0"});
  int letters = 0;
  for (const ConsumerRecord& letter : world.read(topics::orders_dlq)) {
    if (letter.record->key() != exact) continue;
    ++letters;
    CHECK(json::parse(*letter.record->value()).at("reason").as_string().starts_with("Retry refused: "));
    CHECK(header(letter, headers::dlt_original_topic) == "orders");
    CHECK(header(letter, headers::dlt_exception_message).starts_with("Retry refused: "));
  }
  CHECK(letters == 1);
  CHECK(world.report("notification-1").at("deadLettered").to_number<int>() == 2);
  CHECK(world.caught_up(group));
}

TEST_CASE("An audit event that its topic refuses for good stands on the dead letters instead") {
  World world({notification_kind()}, 0, {{std::string(topics::audit), "200"}});
  world.start("notification-1", {{"failRate", 0.0}});
  world.order("Alice");
  world.run_for(seconds(5));
  CHECK(world.read(topics::audit).empty());
  const auto letters = world.read(topics::orders_dlq);
  REQUIRE(letters.size() == 1);
  CHECK(json::parse(*letters[0].record->value()).at("action").as_string() == "NOTIFIED");
  CHECK(header(letters[0], headers::dlt_original_topic) == "audit");
  CHECK(header(letters[0], headers::dlt_original_offset) == "(none)");
  CHECK(world.caught_up(group));
}

TEST_CASE("A letter is shortened as far as it must be, and one that never fits leaves no trace on audit") {
  SECTION("it fits without its value") {
    World world({notification_kind()}, 0, {{std::string(topics::orders_dlq), "850"}});
    world.start("notification-1", {{"failRate", 1.0}, {"retryBackoffMs", std::int64_t{0}}});
    world.order(std::string(100, 'A'));
    world.run_for(seconds(5));
    const auto letters = world.read(topics::orders_dlq);
    REQUIRE(letters.size() == 1);
    CHECK(!letters[0].record->value());
    CHECK(reasons(letters).front().starts_with("Max retries exceeded; too large for a letter"));
    CHECK(with_prefix(world.audit_of(service), "DLQ").size() == 1);
    CHECK(world.caught_up(group));
  }
  SECTION("it never fits") {
    World world({notification_kind()}, 0, {{std::string(topics::orders_dlq), "100"}});
    world.start("notification-1", {{"failRate", 1.0}, {"retryBackoffMs", std::int64_t{0}}});
    world.order("Alice");
    world.run_for(seconds(5));
    CHECK(world.read(topics::orders_dlq).empty());
    CHECK(with_prefix(world.audit_of(service), "DLQ").empty());
    CHECK(world.counted("foodorder_refused_records_total", "orders-dlq") == 1);
    CHECK(world.caught_up(group));
  }
}

TEST_CASE("At level info each outcome is one line, which user text cannot forge") {
  World world({notification_kind()});
  const CapturedLog captured;
  world.start("notification-1", {{"failRate", 1.0}, {"retryBackoffMs", std::int64_t{0}}});
  const std::string id = world.ids->uuid();
  world.order("Eve \" action=NOTIFIED", 1'000, OrderAction::created, id);
  world.run_for(seconds(1));
  const Lines lines = captured.lines("notification ");
  REQUIRE(lines.size() == 3);
  const std::string rest = " orderId=" + id + R"( customerName="Eve \" action=NOTIFIED" item=Pizza)";
  CHECK(lines[0] == "notification instance=notification-1 action=RETRY retryCount=1" + rest);
  CHECK(lines[1] == "notification instance=notification-1 action=RETRY retryCount=2" + rest);
  CHECK(lines[2] == "notification instance=notification-1 action=DLQ retryCount=2" + rest);
  CHECK(captured.lines("joined").size() == 1);
  CHECK(captured.lines("instance instance=notification-1 state=starting").size() == 1);
}

TEST_CASE("A delivery that takes time holds up its own partition only, in the order of the log") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 0.0}, {"workMs", std::int64_t(100)}});
  std::map<std::int32_t, int> placed;
  std::vector<std::string> ids;
  for (int i = 0; i < 30; ++i) {
    ids.push_back(world.ids->uuid());
    ++placed[world.order("Alice", 1'000, OrderAction::created, ids.back()).tp.partition];
  }
  world.run_for(milliseconds(350));
  CHECK(world.audit_of(service).size() == 3 * placed.size());
  CHECK_FALSE(world.caught_up(group));
  const int longest = std::max({placed[0], placed[1], placed[2]});
  world.run_for(milliseconds(100) * (longest - 4));
  CHECK(world.audit_of(service).size() < 30);
  world.run_for(milliseconds(200));
  CHECK(world.audit_of(service).size() == 30);
  CHECK(world.caught_up(group));

  const auto orders = world.read(topics::orders);
  const auto told = world.read(topics::audit);
  std::map<std::int32_t, std::vector<std::string>> read;
  std::map<std::int32_t, std::vector<std::string>> notified;
  std::map<std::string, std::int32_t> partition_of;
  for (const ConsumerRecord& order : orders) {
    read[order.position.tp.partition].emplace_back(*order.record->key());
    partition_of[std::string(*order.record->key())] = order.position.tp.partition;
  }
  for (const ConsumerRecord& record : told) {
    const std::string id(*record.record->key());
    notified[partition_of.at(id)].push_back(id);
  }
  CHECK(notified == read);
}

TEST_CASE("Work is changed while it goes on: none drains the backlog, a pause holds it, a stop leaves it to others") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 0.0}, {"workMs", std::int64_t(10'000)}});
  for (int i = 0; i < 30; ++i) world.order("Alice");
  world.run_for(seconds(5));
  CHECK(world.audit_of(service).empty());
  SECTION("no work") {
    world.supervisor().configure("notification-1", {{"workMs", std::int64_t(0)}}).value();
    world.run_for(milliseconds(100));
  }
  SECTION("a pause") {
    world.supervisor().pause("notification-1", true).value();
    world.run_for(seconds(300));
    CHECK(world.audit_of(service).empty());
    world.supervisor().pause("notification-1", false).value();
    world.run_for(seconds(9));
    CHECK(world.audit_of(service).empty());
    world.run_for(seconds(300));
  }
  SECTION("a stop") {
    world.stop("notification-1");
    CHECK(world.audit_of(service).empty());
    world.start("notification-2", {{"failRate", 0.0}});
    world.run_for(seconds(1));
  }
  SECTION("another member") {
    world.start("notification-2", {{"failRate", 0.0}});
    world.run_for(seconds(400));
  }
  CHECK(world.audit_of(service).size() == 30);
  CHECK(world.caught_up(group));
}

TEST_CASE("More than a partition may hold waits in the log while each delivery takes time") {
  World world({notification_kind()});
  world.start("notification-1", {{"failRate", 0.0}, {"workMs", std::int64_t(10)}, {"unfinishedMax", std::int64_t(10)}});
  world.run_for(seconds(1));
  for (int i = 0; i < 2'000; ++i) world.order("Alice");
  world.run_for(milliseconds(50));
  CHECK(world.report("notification-1").at("unfinished").as_uint64() < 1'000);
  world.run_for(seconds(60));
  CHECK(world.audit_of(service).size() == 2'000);
  CHECK(world.caught_up(group));
}
