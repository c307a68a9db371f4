#include "module.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "foodorder/runtime/view.hpp"
#include "rules/order_ledger.hpp"
#include "rules/order_stats.hpp"

#include <prometheus/counter.h>
#include <map>

namespace foodorder {

namespace {

using namespace analytics;

constexpr std::string_view source = "analytics-service";
constexpr std::string_view action = "STATS_UPDATED";
constexpr std::string_view group = "analytics-group";
constexpr std::string_view notification_source = "notification-service";
constexpr std::string_view notification_group = "notification-group";
constexpr std::string_view unparsable_type = "foodorder.order.unparsable";
constexpr Duration commits_interval = std::chrono::seconds(1);

using NextOffsets = std::map<std::int32_t, std::int64_t>;  // by partition

/// The figures are a view of `orders`, `audit` and `orders-dlq`; the member of the group only tells of them.
class AnalyticsModule final : public Module {
 public:
  explicit AnalyticsModule(ModuleContext context)
      : bus_(context.bus),
        instance_id_(context.instance_id),
        clock_(context.clock),
        unparsable_(unparsable_records(context.metrics, "analytics")),
        events_(context.clock, context.ids, std::string(source)),
        view_(
            context.bus, context.clock, context.instance_id + "-view",
            {std::string(topics::orders), std::string(topics::audit), std::string(topics::orders_dlq)},
            [this](const ConsumerRecord& record) { apply(record); }, [this] { on_view_moved(); },
            only_audit_of(notification_source)),
        loop_(context.bus, context.clock, member_of(context, group, topics::orders),
              [this](const ConsumerRecord& record, Output& output) { emit(record, output); }) {
    loop_.wait_for(view_);
  }

  Task<> run() override {
    std::vector<Task<>> parts;
    parts.push_back(view_.run());
    parts.push_back(loop_.run());
    parts.push_back(follow_commits());
    co_await join(std::move(parts));
  }

  void stop() override {
    stopping_ = true;
    loop_.stop();
    ended_.set();
  }

  void pause(bool paused) override { loop_.pause(paused); }

  void configure(const Settings&) override {}

  bool ready() const override { return view_.caught_up(); }

  json::object report() const override {
    json::object report = stats_.figures();
    report["lastMinute"] = stats_.last_minute(clock_.now());
    report["ledger"] = ledger_.figures();
    return report;
  }

 private:
  void on_view_moved() {
    summary_.clear();
    loop_.view_moved();
  }

  /// An order is lost if the notification service has committed past it, and the log has no outcome of it. So what is
  /// committed is compared once all is read that the log held when it was asked for.
  Task<> follow_commits() {
    NextOffsets committed;
    std::vector<Position> ends;
    while (!stopping_) {
      const bool all_read = std::all_of(
          ends.begin(), ends.end(), [this](const Position& end) { return view_.next_offset(end.tp) >= end.offset; });
      if (all_read) {
        ledger_.committed(committed);
        committed = co_await commits();
        ends = co_await ends_of_log();
        if (ends.empty()) committed.clear();
      }
      co_await ended_.wait_until(clock_, clock_.now() + commits_interval);
    }
  }

  /// Nothing where nobody waits, or the bus does not answer.
  Task<NextOffsets> commits() {
    NextOffsets next;
    if (ledger_.waiting() == 0) co_return next;
    const auto groups = co_await bus_.admin().groups();
    if (!groups) co_return next;
    for (const GroupDescription& each : *groups) {
      if (each.group != notification_group) continue;
      for (const GroupPartition& partition : each.partitions)
        if (partition.committed && partition.tp.topic == topics::orders)
          next[partition.tp.partition] = *partition.committed;
    }
    co_return next;
  }

  Task<std::vector<Position>> ends_of_log() {
    std::vector<Position> ends;
    const auto all = co_await bus_.admin().topics();
    if (!all) co_return ends;
    for (const TopicDescription& topic : *all) {
      if (topic.name != topics::orders && topic.name != topics::audit && topic.name != topics::orders_dlq) continue;
      for (const PartitionDescription& partition : topic.partitions)
        ends.emplace_back(TopicPartition(topic.name, partition.partition), partition.end_offset);
    }
    co_return ends;
  }

  void apply(const ConsumerRecord& record) {
    if (record.position.tp.topic == topics::orders)
      apply_order(record);
    else if (record.position.tp.topic == topics::audit)
      apply_audit(record);
    else
      apply_letter(record);
  }

  void apply_letter(const ConsumerRecord& record) {
    if (!find_header(record.record->headers, headers::ce_causationid)) return;  // a stranger's
    const bool unparsable = find_header(record.record->headers, headers::ce_type) == unparsable_type;
    ledger_.letter(event_key(record), cause_key(*record.record), unparsable);
  }

  void apply_order(const ConsumerRecord& record) {
    const bool retry = is_retry(*record.record);
    ledger_.delivery(event_key(record), {record.position.tp.partition, record.position.offset}, retry);
    if (retry) return;
    const Result<OrderEvent>& event = order_event(record);
    if (!event) return;
    const Record& body = *record.record;
    const Timestamp ordered_at = believed_time(event->timestamp, body);
    const Timestamp logged_at = believed_time(event_time(body), body);
    if (ordered_at == event->timestamp) return stats_.order(event_key(record), *event, logged_at);
    OrderEvent believed = *event;  // a minute of next year would push those of today out
    believed.timestamp = ordered_at;
    stats_.order(event_key(record), believed, logged_at);
  }

  void apply_audit(const ConsumerRecord& record) {
    // Most records say in their headers that they are not about notifications: no need to read their bodies.
    const auto from = find_header(record.record->headers, headers::ce_source);
    if (from && *from != notification_source) return;
    const Result<EventHead>& head = event_head(record);
    if (!head || head->source != notification_source) return;
    const EventKey event = event_key(record);
    const EventKey caused_by = cause_key(*record.record);
    ledger_.report(event, caused_by, head->action.value_or(""));
    stats_.notification(event, caused_by, head->action.value_or(""),
                        believed_time(event_time(*record.record), *record.record));
  }

  void emit(const ConsumerRecord& record, Output& output) {
    if (is_retry(*record.record)) return;
    const Result<OrderEvent>& order = order_event(record);
    if (!order) {
      unparsable_.Increment();
      return;
    }
    if (summary_.empty()) summary_ = stats_.summary();
    output.push_back(events_.audit(record, "foodorder.analytics.stats-updated", action, order->order.id,
                                   [&](JsonObject& body) { body.add_raw("stats", summary_); }));
    if (log::enabled(log::Level::info)) tell(*order);
  }

  void tell(const OrderEvent& event) const {
    log::info("analytics", {{"instance", instance_id_},
                            {"action", action},
                            {"event", to_string(event.action)},
                            {"orderId", event.order.id},
                            {"customerName", event.order.customer_name},
                            {"item", event.order.item}});
  }

  EventBus& bus_;
  std::string instance_id_;
  Clock& clock_;
  OrderStats stats_;
  OrderLedger ledger_;
  bool stopping_ = false;
  std::string summary_;  ///< of the figures as they are; empty: not made yet
  AsyncEvent ended_;
  prometheus::Counter& unparsable_;
  EventWriter events_;
  View view_;
  ConsumeLoop loop_;  // last: its consumer goes first
};

}  // namespace

ModuleKind analytics_kind() {
  ModuleKind kind;
  kind.name = "analytics";
  kind.summary = "counts orders, revenue and notification outcomes";
  kind.make = make_module<AnalyticsModule>;
  return kind;
}

}  // namespace foodorder
