#include "statistics_module.hpp"

#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "foodorder/runtime/view.hpp"
#include "rules/order_ledger.hpp"
#include "rules/order_stats.hpp"

namespace foodorder::rest {

namespace {

constexpr std::string_view notification_source = "notification-service";

class StatisticsModule final : public Module {
 public:
  explicit StatisticsModule(const ModuleContext& context)
      : clock_(context.clock),
        view_(context.bus, context.clock, context.instance_id + "-view",
              {std::string(topics::orders), std::string(topics::audit), std::string(topics::orders_dlq)},
              [this](const ConsumerRecord& record) { apply(record); }) {}

  Task<> run() override { return view_.run(); }
  void stop() override { view_.stop(); }
  void pause(bool paused) override { view_.pause(paused); }
  void configure(const Settings&) override {}
  bool ready() const override { return view_.caught_up(); }

  json::object report() const override {
    json::object report = stats_.figures();
    report["lastMinute"] = stats_.last_minute(clock_.now());
    report["ledger"] = ledger_.figures();
    return report;
  }

 private:
  void apply(const ConsumerRecord& record) {
    if (record.position.tp.topic == topics::orders)
      apply_order(record);
    else if (record.position.tp.topic == topics::audit)
      apply_audit(record);
    else
      ledger_.letter(event_key(record), cause_key(*record.record), false);
  }

  void apply_order(const ConsumerRecord& record) {
    ledger_.delivery(event_key(record), {record.position.tp.partition, record.position.offset}, false);
    const Result<OrderEvent>& event = order_event(record);
    if (event) stats_.order(event_key(record), *event, event_time(*record.record));
  }

  void apply_audit(const ConsumerRecord& record) {
    if (find_header(record.record->headers, headers::ce_source) != notification_source) return;
    const Result<EventHead>& head = event_head(record);
    if (!head) return;
    const std::string action = head->action.value_or("");
    const EventKey cause = cause_key(*record.record);
    ledger_.report(event_key(record), cause, action);
    stats_.notification(event_key(record), cause, action, event_time(*record.record));
  }

  Clock& clock_;
  analytics::OrderStats stats_;
  analytics::OrderLedger ledger_;  ///< what waits here for ever is a gap
  View view_;                      // last: its consumer goes first
};

}  // namespace

std::unique_ptr<Module> make_statistics_module(const ModuleContext& context) {
  return std::make_unique<StatisticsModule>(context);
}

}  // namespace foodorder::rest
