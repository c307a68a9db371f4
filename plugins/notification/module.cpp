#include "module.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/retry_loop.hpp"
#include "foodorder/runtime/topics.hpp"
#include "rules/messages.hpp"
#include "rules/retry_policy.hpp"
#include "settings.hpp"

#include <prometheus/counter.h>

namespace foodorder {

namespace {

using namespace notification;

constexpr std::string_view source = "notification-service";
constexpr std::string_view group = "notification-group";

/// Notifies, or fails by the rules; what follows from a failure is the loop's work.
class NotificationModule final : public Module, private RetryHandler {
 public:
  explicit NotificationModule(ModuleContext context)
      : instance_id_(context.instance_id),
        clock_(context.clock),
        seed_(context.seed),
        unparsable_(unparsable_records(context.metrics, "notification")),
        events_(context.clock, context.ids, std::string(source)),
        loop_(context.bus, context.clock, member_of(context, group, topics::orders), *this) {
    configure(context.settings);
  }

  Task<> run() override {
    running_ = true;
    co_await loop_.run();
  }
  void stop() override { loop_.stop(); }
  void pause(bool paused) override { loop_.pause(paused); }

  void configure(const Settings& settings) override {
    policy_ = retry_policy_from(settings);
    loop_.set_unfinished_max(static_cast<std::size_t>(settings.integer("unfinishedMax")));
    loop_.set_work_time(std::chrono::milliseconds(settings.integer("workMs")));
  }

  bool ready() const override { return running_; }

  json::object report() const override {
    json::object report = outcomes_.report();
    report["unparsable"] = unparsable_count_;
    report["waiting"] = loop_.waiting();
    report["unfinished"] = loop_.unfinished();
    return report;
  }

 private:
  DeliveryResult deliver(const ConsumerRecord& record, Output& output) override {
    const Result<OrderEvent>& event = order_event(record);
    if (!event) return unreadable(record, event.error().message);
    const std::int64_t count = retry_count(*record.record);
    std::string room;
    switch (outcome_of(event_id(record, room), count, seed_, policy_)) {
      case Outcome::notified:
        ++outcomes_.notified;
        output.push_back(audit(record, "foodorder.notification.notified", "NOTIFIED", event->order.id, count));
        break;
      case Outcome::retry:
        return Again(backoff_for(next_retry_count(count) - 1, policy_));
      case Outcome::dead_letter:
        return dead_letter(record, *event, "Max retries exceeded");
      case Outcome::drop:
        ++outcomes_.dropped;
        output.push_back(audit(record, "foodorder.notification.dropped", "DROPPED", event->order.id, count));
        break;
    }
    return Done();
  }

  std::optional<ProducerRecord> retried(const ConsumerRecord& record, std::int64_t count) override {
    ++outcomes_.retried;
    return audit(record, "foodorder.notification.retried", "RETRY", order_event(record)->order.id, count);
  }

  GivenUp refused(const ConsumerRecord& record, const Error& why) override {
    --outcomes_.retried;
    return dead_letter(record, *order_event(record), concat("Retry refused: ", why.message));
  }

  GivenUp dead_letter(const ConsumerRecord& record, const OrderEvent& event, std::string_view reason) {
    ++outcomes_.dead_lettered;
    ProducerRecord letter = events_.dead_letter(record, "foodorder.order.dead-lettered", reason, event.order.id,
                                                dead_letter_body(event, reason, instance_id_, clock_.now()));
    return GivenUp(std::move(letter), audit(record, "foodorder.notification.dead-lettered", "DLQ", event.order.id,
                                            retry_count(*record.record)));
  }

  /// The bytes as they came. Nobody knows whose order it was, so nothing goes to `audit`.
  GivenUp unreadable(const ConsumerRecord& record, std::string_view reason) {
    unparsable_.Increment();
    ++unparsable_count_;
    log::info("an unreadable record goes to orders-dlq", {{"instance", instance_id_},
                                                          {"partition", record.position.tp.partition},
                                                          {"offset", record.position.offset},
                                                          {"reason", reason}});
    return GivenUp(events_.dead_letter(record, "foodorder.order.unparsable", reason, record.record->key(),
                                       record.record->value()));
  }

  ProducerRecord audit(const ConsumerRecord& cause, std::string_view type, std::string_view action,
                       const std::string& order_id, std::int64_t count) {
    if (log::enabled(log::Level::info)) tell(cause, action, count);
    return events_.audit(
        cause, type, action, order_id,
        [&](JsonObject& body) { body.add("instanceId", instance_id_).add("retryCount", count); }, count);
  }

  void tell(const ConsumerRecord& cause, std::string_view action, std::int64_t count) const {
    const Result<OrderEvent>& event = order_event(cause);
    if (!event) return;
    log::info("notification", {{"instance", instance_id_},
                               {"action", action},
                               {"retryCount", count},
                               {"orderId", event->order.id},
                               {"customerName", event->order.customer_name},
                               {"item", event->order.item}});
  }

  std::string instance_id_;
  Clock& clock_;
  std::uint64_t seed_;
  RetryPolicy policy_;
  bool running_ = false;
  OutcomeCounts outcomes_;
  std::int64_t unparsable_count_ = 0;
  prometheus::Counter& unparsable_;
  EventWriter events_;
  RetryLoop loop_;  // last: its consumer goes first
};

}  // namespace

ModuleKind notification_kind() {
  ModuleKind kind;
  kind.name = "notification";
  kind.summary = "notifies customers, retries what fails, gives up to the dead letter queue";
  kind.settings = settings();
  kind.instances = 2;
  kind.make = make_module<NotificationModule>;
  return kind;
}

}  // namespace foodorder
