#include "module.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "foodorder/runtime/view.hpp"
#include "ledger.hpp"

#include <prometheus/counter.h>
#include <memory>
#include <vector>

namespace foodorder {

namespace {

using namespace loyalty;

/// A member of the group writes what each new order earns; the balances are a view of what was written. So points that
/// were given stay as they are, whatever becomes of the order or of the settings.
class LoyaltyModule final : public Module {
 public:
  explicit LoyaltyModule(const ModuleContext& context)
      : points_per_unit_(context.settings.integer("pointsPerUnit")),
        ledger_(static_cast<std::size_t>(context.settings.integer("maxCustomers"))),
        unparsable_(unparsable_records(context.metrics, "loyalty")),
        events_(context.clock, context.ids, std::string(source)),
        view_(
            context.bus, context.clock, context.instance_id + "-view", {std::string(topics::audit)},
            [this](const ConsumerRecord& record) { note(record); }, {}, only_audit_of(source)),
        loop_(context.bus, context.clock, member_of(context, "loyalty-group", topics::orders),
              [this](const ConsumerRecord& record, Output& output) { reward(record, output); }) {}

  Task<> run() override {
    std::vector<Task<>> parts;
    parts.push_back(view_.run());
    parts.push_back(loop_.run());
    co_await join(std::move(parts));
  }

  void stop() override {
    view_.stop();
    loop_.stop();
  }

  void pause(bool paused) override {
    view_.pause(paused);
    loop_.pause(paused);
  }

  // maxCustomers counts from the next start: a customer who came in between would have only half of a balance.
  void configure(const Settings& settings) override { points_per_unit_ = settings.integer("pointsPerUnit"); }

  bool ready() const override { return view_.caught_up(); }

  json::object report() const override { return ledger_.figures(); }

 private:
  void reward(const ConsumerRecord& record, Output& output) {
    if (is_retry(*record.record)) return;
    const Result<OrderEvent>& event = order_event(record);
    if (!event) {
      unparsable_.Increment();
      return;
    }
    const Order& order = event->order;
    const Gift gift(order.customer_name, points_for(order, points_per_unit_));
    if (event->action != OrderAction::created || gift.points == 0) return;
    output.push_back(events_.audit(record, "foodorder.loyalty.points-added", points_added, order.id,
                                   [&](JsonObject& body) { add_members(body, gift); }));
  }

  void note(const ConsumerRecord& record) {
    if (find_header(record.record->headers, headers::ce_source) != source) return;
    if (const Result<EventHead>& head = event_head(record); !head || head->source != source) return;
    if (const Result<Gift> gift = parse_gift(*record.record->value())) ledger_.add(event_key(record), *gift);
  }

  std::int64_t points_per_unit_;
  Ledger ledger_;
  prometheus::Counter& unparsable_;
  EventWriter events_;
  View view_;
  ConsumeLoop loop_;  // last: its consumer goes first
};

}  // namespace

ModuleKind loyalty_kind() {
  ModuleKind kind;
  kind.name = "loyalty";
  kind.summary = "gives customers points for their orders";
  kind.settings = {
      SettingSpec::integer("pointsPerUnit", 1, 0, points_per_unit_max, "points for each whole euro or dollar"),
      SettingSpec::integer("maxCustomers", 100'000, 1, 1'000'000,
                           "customers whose balance is kept, the first to come; counts from the next start"),
  };
  kind.make = make_module<LoyaltyModule>;
  return kind;
}

}  // namespace foodorder
