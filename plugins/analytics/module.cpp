#include "module.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/join.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/domain/json.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "foodorder/runtime/view.hpp"
#include "order_stats.hpp"

#include <prometheus/counter.h>

namespace foodorder {

namespace {

using namespace analytics;

constexpr std::string_view source = "analytics-service";
constexpr std::string_view action = "STATS_UPDATED";
constexpr std::string_view group = "analytics-group";
constexpr std::string_view notification_source = "notification-service";

std::string stats_body(std::string_view order_id, std::string_view stats, Timestamp now) {
  std::string body;
  body.reserve(192 + stats.size());
  append(body, R"({"source":")", source, R"(","action":")", action, R"(","orderId":)");
  write_json_string(body, order_id);
  body += R"(,"stats":)";
  body += stats;
  append(body, R"(,"timestamp":")", to_iso_millis(now), R"("})");
  return body;
}

/// The figures are a view of `orders` and `audit`; the member of the group only tells of them.
class AnalyticsModule final : public Module {
 public:
  explicit AnalyticsModule(ModuleContext context)
      : instance_id_(context.instance_id),
        clock_(context.clock),
        unparsable_(unparsable_records(context.metrics, "analytics")),
        envelope_(context.clock, context.ids, std::string(source)),
        producer_(context.bus.producer(ProducerSpec(context.instance_id))),
        view_(
            context.bus, context.clock, context.instance_id + "-view",
            {std::string(topics::orders), std::string(topics::audit)},
            [this](const ConsumerRecord& record) { apply(record); }, [this] { moved_.ring(); }),
        member_(context.bus.subscribe(member_of(context, group, topics::orders)), context.clock,
                [this](ConsumerEvent event) { return on_event(std::move(event)); }) {}

  Task<> run() override {
    std::vector<Task<>> parts;
    parts.push_back(view_.run());
    parts.push_back(emit());
    co_await join(std::move(parts));
    co_await producer_->close();
  }

  void stop() override {
    stopping_ = true;
    member_.stop();
    moved_.ring();
  }

  void pause(bool paused) override {
    paused_ = paused;
    member_.pause(paused);
    // A batch at hand needs the view to move, or the group could not rebalance.
    if (!paused || !emitting_) view_.pause(paused);
  }

  void configure(const Settings&) override {}

  bool ready() const override { return view_.caught_up(); }

  json::object report() const override { return stats_.figures(); }

 private:
  /// The view ends after the member: what is emitted last needs it.
  Task<> emit() {
    co_await member_.run();
    view_.stop();
  }

  void apply(const ConsumerRecord& record) {
    if (record.position.tp.topic == topics::orders)
      apply_order(record);
    else
      apply_audit(record);
  }

  void apply_order(const ConsumerRecord& record) {
    if (is_retry(*record.record)) return;
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
    const auto cause = find_header(record.record->headers, headers::ce_causationid);
    stats_.notification(event_key(record), EventKey(cause.value_or("")), head->action.value_or(""),
                        believed_time(event_time(*record.record), *record.record));
  }

  Task<> on_event(ConsumerEvent event) {
    const auto* batch = std::get_if<Records>(&event);
    if (!batch) co_return;  // each batch is finished before the next event is asked for
    emitting_ = true;
    if (paused_) view_.pause(false);
    const std::vector<Position>& next = batch->next_offsets;
    const auto view_is_past = [&] {
      return std::all_of(next.begin(), next.end(),
                         [&](const Position& position) { return view_.next_offset(position.tp) >= position.offset; });
    };
    while (!stopping_ && !view_is_past()) co_await moved_.wait();
    if (!stopping_) co_await emit_all(batch->records, next);
    emitting_ = false;
    if (paused_) view_.pause(true);
  }

  Task<> emit_all(const std::vector<ConsumerRecord>& records, std::vector<Position> next) {
    Outbox outbox;
    std::string stats;
    for (const ConsumerRecord& record : records) {
      if (is_retry(*record.record)) continue;
      const Result<OrderEvent>& order = order_event(record);
      if (!order) {
        unparsable_.Increment();
        continue;
      }
      if (stats.empty()) stats = serialize_json(stats_.figures());
      const std::string& order_id = order->order.id;
      const Timestamp now = clock_.now();
      outbox.emplace_back(std::string(topics::audit),
                          envelope_.derive(record, "foodorder.analytics.stats-updated", action, order_id,
                                           stats_body(order_id, stats, now)));
      remember(outbox.back().record, EventHeadView{source, action, order_id, to_iso_millis(now).view()});
      if (log::enabled(log::Level::info)) tell(*order);
    }
    const bool sent = co_await send_until_acknowledged(*producer_, clock_, std::move(outbox));
    if (!sent) co_return;
    member_.commit(std::move(next));
  }

  void tell(const OrderEvent& event) const {
    log::info("analytics", {{"instance", instance_id_},
                            {"action", action},
                            {"event", to_string(event.action)},
                            {"orderId", event.order.id},
                            {"customerName", event.order.customer_name},
                            {"item", event.order.item}});
  }

  std::string instance_id_;
  Clock& clock_;
  OrderStats stats_;
  bool stopping_ = false;
  bool paused_ = false;
  bool emitting_ = false;
  Bell moved_;
  prometheus::Counter& unparsable_;
  Envelope envelope_;
  std::unique_ptr<Producer> producer_;
  View view_;
  Pump member_;  // last: its consumer goes first
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
