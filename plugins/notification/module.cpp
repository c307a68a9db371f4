#include "module.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/join.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/commit_tracker.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "foodorder/runtime/topics.hpp"
#include "rules/messages.hpp"
#include "rules/retry_policy.hpp"
#include "settings.hpp"
#include "work.hpp"
#include "work_queue.hpp"

#include <prometheus/counter.h>

namespace foodorder {

namespace {

using namespace notification;

constexpr std::string_view source = "notification-service";
constexpr std::string_view group = "notification-group";
// A partition that waits for one record keeps this many times `unfinishedMax` of finished ones behind it at most.
constexpr std::size_t uncommitted_factor = 32;

class NotificationModule final : public Module {
 public:
  explicit NotificationModule(ModuleContext context)
      : instance_id_(context.instance_id),
        clock_(context.clock),
        seed_(context.seed),
        unparsable_(unparsable_records(context.metrics, "notification")),
        events_(context.clock, context.ids, std::string(source)),
        producer_(context.bus.producer(ProducerSpec(context.instance_id))),
        pump_(context.bus.subscribe(member_of(context, group, topics::orders)), context.clock,
              [this](ConsumerEvent event) { return on_event(std::move(event)); }) {
    configure(context.settings);
  }

  Task<> run() override {
    running_ = true;
    std::vector<Task<>> parts;
    parts.push_back(pump_.run());
    parts.push_back(follow_time());
    co_await join(std::move(parts));
    co_await producer_->close();
  }

  void stop() override {
    stopping_ = true;
    changed_.set();
  }

  void pause(bool paused) override {
    paused_ = paused;
    pump_.pause(paused);  // resumes held partitions, too: they are held again after their next batch
    if (paused) return;
    for (auto& [tp, partition] : partitions_) partition.held = false;
    working_.begin_anew(clock_.now());
    changed_.set();
  }

  void configure(const Settings& settings) override {
    policy_.fail_rate = settings.number("failRate");
    policy_.fail_mode = fail_mode_from(settings.text("failMode"));
    policy_.backoff = std::chrono::milliseconds(settings.integer("retryBackoffMs"));
    policy_.backoff_max = std::chrono::milliseconds(settings.integer("retryBackoffMaxMs"));
    unfinished_max_ = static_cast<std::size_t>(settings.integer("unfinishedMax"));
    working_.set_duration(std::chrono::milliseconds(settings.integer("workMs")), clock_.now());
    changed_.set();
  }

  bool ready() const override { return running_; }

  json::object report() const override {
    std::size_t unfinished = 0;
    for (const auto& [tp, partition] : partitions_) unfinished += partition.tracker.unfinished();
    json::object report;
    report["notified"] = notified_;
    report["retried"] = retried_;
    report["deadLettered"] = dead_lettered_;
    report["dropped"] = dropped_;
    report["unparsable"] = unparsable_count_;
    report["waiting"] = waiting_.size();
    report["unfinished"] = unfinished;
    return report;
  }

 private:
  struct Partition {
    CommitTracker tracker;
    std::int64_t committed = 0;  // or about to be
    bool held = false;           // paused because too much is unfinished
  };

  Task<> on_event(ConsumerEvent event) {
    co_await mutex_.lock();
    if (const auto* assigned = std::get_if<Assigned>(&event)) {
      for (const Position& position : assigned->positions) {
        Partition& partition = partitions_[position.tp] = Partition();
        partition.tracker = CommitTracker(position.offset);
        partition.committed = position.offset;
      }
    } else if (const auto* revoked = std::get_if<Revoked>(&event)) {
      co_await give_up(*revoked);
    } else if (!stopping_) {  // a stopping member takes nothing on: the next owner reads it
      Work work;
      const Records& batch = std::get<Records>(event);
      for (const ConsumerRecord& record : batch.records) receive(record, work);
      for (const Position& next : batch.next_offsets) partitions_[next.tp].tracker.read_up_to(next.offset);
      co_await finish(std::move(work));
    }
    mutex_.unlock();
    changed_.set();
  }

  /// What waits is produced at once, so that its new owner does not begin the wait again; of lost partitions it is
  /// forgotten, because the new owner has read it already.
  Task<> give_up(const Revoked& revoked) {
    const auto is_revoked = [&](const TopicPartition& tp) {
      return std::find(revoked.partitions.begin(), revoked.partitions.end(), tp) != revoked.partitions.end();
    };
    Work work;
    for (auto waiting = waiting_.begin(); waiting != waiting_.end();) {
      if (!is_revoked(waiting->second.record.position.tp)) {
        ++waiting;
        continue;
      }
      if (!revoked.lost) produce(waiting->second, work);
      waiting = waiting_.erase(waiting);
    }
    if (!revoked.lost) co_await finish(std::move(work));
    for (const TopicPartition& tp : revoked.partitions) {
      partitions_.erase(tp);
      working_.drop(tp);
    }
  }

  void receive(const ConsumerRecord& record, Work& work) {
    partitions_[record.position.tp].tracker.begin(record.position.offset);
    if (working_.delays(record.position.tp))
      working_.push(record, clock_.now());
    else
      take(record, work);
  }

  /// Decides a record's fate; its retry waits.
  void take(const ConsumerRecord& record, Work& work) {
    const Record& body = *record.record;
    const Result<OrderEvent>& event = order_event(record);
    if (!event) {
      dead_letter_unread(record, event.error().message, work);
      return;
    }
    const std::int64_t count = retry_count(body);
    switch (outcome_of(event_id(record), count, seed_, policy_)) {
      case Outcome::notified:
        ++notified_;
        work.output.push_back(audit(record, "foodorder.notification.notified", "NOTIFIED", event->order.id, count));
        break;
      case Outcome::retry:
        wait_to_retry(Waiting(record, event->order.id, next_retry_count(count)), work);
        return;
      case Outcome::dead_letter:
        dead_letter(record, *event, "Max retries exceeded", work);
        break;
      case Outcome::drop:
        ++dropped_;
        work.output.push_back(audit(record, "foodorder.notification.dropped", "DROPPED", event->order.id, count));
        break;
    }
    work.finished.push_back(record.position);
  }

  void wait_to_retry(Waiting waiting, Work& work) {
    const Duration wait = backoff_for(waiting.retry_count - 1, policy_);
    if (wait == Duration::zero())
      produce(waiting, work);
    else
      waiting_.emplace(clock_.now() + wait, std::move(waiting));
  }

  void produce(const Waiting& waiting, Work& work) {
    ++retried_;
    Record again = EventWriter::retry(waiting.record, waiting.retry_count);
    // A foreign record's identity is its place in the log; its retry has another place, so it must carry it.
    if (!find_header(again.headers, headers::ce_id)) again.headers.add(headers::ce_id, event_id(waiting.record));
    work.output.emplace_back(std::string(topics::orders), std::move(again));
    work.told.emplace_back(work.output.size() - 1, audit(waiting.record, "foodorder.notification.retried", "RETRY",
                                                         waiting.order_id, waiting.retry_count));
    work.told.back().retried = waiting;
    work.finished.push_back(waiting.record.position);
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

  void dead_letter(const ConsumerRecord& cause, const OrderEvent& event, std::string_view reason, Work& work) {
    ++dead_lettered_;
    const std::int64_t count = retry_count(*cause.record);
    Record letter = events_.derive(cause, "foodorder.order.dead-lettered", "dead-letter", event.order.id,
                                   dead_letter_body(event, reason, instance_id_, clock_.now()), count);
    add_origin(letter.headers, cause.position.tp, cause.position.offset, reason);
    work.output.emplace_back(std::string(topics::orders_dlq), std::move(letter));
    work.told.emplace_back(work.output.size() - 1,
                           audit(cause, "foodorder.notification.dead-lettered", "DLQ", event.order.id, count));
  }

  /// A retry that `orders` refuses for good becomes a letter.
  void dead_letter_refused(const Waiting& retry, const Error& why, Work& work) {
    --retried_;
    const Result<OrderEvent>& event = order_event(retry.record);
    if (event) dead_letter(retry.record, *event, concat("Retry refused: ", why.message), work);
  }

  /// The bytes as they came. Nobody knows whose order it was, so nothing goes to `audit`.
  void dead_letter_unread(const ConsumerRecord& cause, std::string_view reason, Work& work) {
    unparsable_.Increment();
    ++unparsable_count_;
    log::info("an unreadable record goes to orders-dlq", {{"instance", instance_id_},
                                                          {"partition", cause.position.tp.partition},
                                                          {"offset", cause.position.offset},
                                                          {"reason", reason}});
    Record letter = events_.derive(cause, "foodorder.order.unparsable", "dead-letter", cause.record->key,
                                   cause.record->value, retry_count(*cause.record));
    add_origin(letter.headers, cause.position.tp, cause.position.offset, reason);
    work.output.emplace_back(std::string(topics::orders_dlq), std::move(letter));
    work.finished.push_back(cause.position);
  }

  /// Sends what is told of, then what tells of it: nothing on `audit` tells of a record that does not exist. False if
  /// the producer was closed meanwhile.
  Task<bool> send(Work& work) {
    const Delivery delivery = co_await deliver(*producer_, clock_, work.output);
    if (delivery.closed) co_return false;
    Output then;
    for (std::size_t i = 0; i < work.output.size(); ++i)
      if (delivery.refused[i] && work.output[i].topic == topics::audit)
        then.push_back(letter_in_place_of(work.output[i], *delivery.refused[i]));
    Work letters;
    for (Told& told : work.told) {
      const auto& why = delivery.refused[told.of];
      if (!why)
        then.push_back(std::move(told.audit));
      else if (told.retried)
        dead_letter_refused(*told.retried, *why, letters);
    }
    const Delivery lettered = co_await deliver(*producer_, clock_, letters.output);
    if (lettered.closed) co_return false;
    for (Told& told : letters.told)
      if (!lettered.refused[told.of]) then.push_back(std::move(told.audit));
    const bool sent = co_await send_until_acknowledged(*producer_, clock_, std::move(then));
    co_return sent;
  }

  /// Sends the outputs; when the log has them, their inputs are finished, and what is finished is committed.
  Task<> finish(Work work) {
    const bool sent = co_await send(work);
    if (!sent) co_return;
    for (const Position& position : work.finished) partitions_[position.tp].tracker.finish(position.offset);
    std::vector<Position> next;
    for (auto& [tp, partition] : partitions_) {
      if (partition.tracker.next_offset() <= partition.committed) continue;
      partition.committed = partition.tracker.next_offset();
      next.emplace_back(tp, partition.committed);
    }
    hold_or_resume();
    pump_.commit(std::move(next));
  }

  void hold_or_resume() {
    for (auto& [tp, partition] : partitions_) {
      const CommitTracker& tracker = partition.tracker;
      if (!partition.held &&
          (tracker.unfinished() >= unfinished_max_ || tracker.uncommitted() >= uncommitted_factor * unfinished_max_)) {
        partition.held = true;
        pump_.consumer().pause({tp});
      } else if (partition.held && !paused_ && tracker.unfinished() <= unfinished_max_ / 2 &&
                 tracker.uncommitted() <= uncommitted_factor * unfinished_max_ / 2) {
        partition.held = false;
        pump_.consumer().resume({tp});
      }
    }
  }

  /// Finishes deliveries that take time, and produces the retries, when they are due: all that are due together. At a
  /// stop all retries that wait go out before the group is left; deliveries that are not done are the next owner's.
  Task<> follow_time() {
    while (!stopping_) {
      if (const auto next = next_due())
        co_await changed_.wait_until(clock_, *next);
      else
        co_await changed_.wait();
      co_await mutex_.lock();
      Work work;
      if (!paused_ && !stopping_)
        for (const ConsumerRecord& record : working_.take_done(clock_.now())) take(record, work);
      co_await produce_due(clock_.now(), std::move(work));
      mutex_.unlock();
    }
    co_await mutex_.lock();
    Work none;
    co_await produce_due(Timestamp::max(), std::move(none));
    pump_.stop();
    mutex_.unlock();
  }

  [[nodiscard]] std::optional<Timestamp> next_due() const {
    std::optional<Timestamp> next = paused_ ? std::nullopt : working_.next_done();
    if (!waiting_.empty()) next = std::min(next.value_or(Timestamp::max()), waiting_.begin()->first);
    return next;
  }

  Task<> produce_due(Timestamp now, Work work) {
    const auto due_end = waiting_.upper_bound(now);
    for (auto waiting = waiting_.begin(); waiting != due_end; ++waiting) produce(waiting->second, work);
    waiting_.erase(waiting_.begin(), due_end);
    if (!work.finished.empty()) co_await finish(std::move(work));
  }

  std::string instance_id_;
  Clock& clock_;
  std::uint64_t seed_;
  RetryPolicy policy_;
  std::size_t unfinished_max_ = 0;
  bool running_ = false;
  bool stopping_ = false;
  bool paused_ = false;
  std::int64_t notified_ = 0;
  std::int64_t retried_ = 0;
  std::int64_t dead_lettered_ = 0;
  std::int64_t dropped_ = 0;
  std::int64_t unparsable_count_ = 0;
  prometheus::Counter& unparsable_;
  EventWriter events_;
  std::map<TopicPartition, Partition> partitions_;
  WorkQueue working_;
  std::multimap<Timestamp, Waiting> waiting_;  // by the time when they are due
  AsyncMutex
      mutex_;  // one at a time sends and commits: a rebalance waits for the retries on their way, and they for it
  AsyncEvent changed_;
  std::unique_ptr<Producer> producer_;
  Pump pump_;  // last: its consumer goes first
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
