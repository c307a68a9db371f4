#include "foodorder/runtime/retry_loop.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/deliveries.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/pump.hpp"
#include "foodorder/runtime/topics.hpp"
#include "work_queue.hpp"

#include <algorithm>
#include <map>
#include <vector>

namespace foodorder {

namespace {

/// A failed record whose retry is not due yet.
struct Waiting {
  Waiting(ConsumerRecord failed, std::int64_t next_count) : record(std::move(failed)), retry_count(next_count) {}

  ConsumerRecord record;
  std::int64_t retry_count;  ///< of the retry
};

/// An event about a retry or a dead letter: it is written once the log has that record.
struct Report {
  std::size_t output;  ///< the place of that record
  std::optional<ProducerRecord> event;
  std::optional<Waiting> retried;  ///< set for a retry
};

/// Records to send together, and the records that are finished then.
struct Work {
  void add(GivenUp given_up) {
    output.push_back(std::move(given_up.letter));
    reports.push_back(Report{output.size() - 1, std::move(given_up.report), std::nullopt});
  }

  Output output;
  std::vector<Report> reports;  ///< sent afterwards
  std::vector<Position> finished;
};

}  // namespace

class RetryLoop::Loop {
 public:
  Loop(EventBus& bus, Clock& clock, ConsumerSpec spec, RetryHandler& handler)
      : clock_(clock),
        handler_(handler),
        producer_(bus.producer(ProducerSpec(spec.client_id))),
        pump_(bus.subscribe(std::move(spec)), clock,
              [this](ConsumerEvent event) { return on_event(std::move(event)); }) {}

  Task<> run() {
    std::vector<Task<>> parts;
    parts.push_back(pump_.run());
    parts.push_back(follow_time());
    co_await join(std::move(parts));
    co_await producer_->close();
  }

  void stop() {
    stopping_ = true;
    changed_.set();
  }

  void pause(bool paused) {
    paused_ = paused;
    pump_.pause(paused);
    deliveries_.pause(paused);
    if (paused) return;
    working_.begin_anew(clock_.now());
    changed_.set();
  }

  void set_unfinished_max(std::size_t records) {
    unfinished_max_ = records;
    changed_.set();
  }

  void set_work_time(Duration takes) {
    working_.set_duration(takes, clock_.now());
    changed_.set();
  }

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::size_t unfinished() const { return deliveries_.unfinished(); }

 private:
  Task<> on_event(ConsumerEvent event);
  Task<> give_up(const Revoked& revoked);
  void receive(const ConsumerRecord& record, Work& work);
  void take(const ConsumerRecord& record, Work& work);
  void produce(const Waiting& waiting, Work& work);
  Task<bool> send(Work& work);
  Task<> finish(Work work);
  Task<> follow_time();
  [[nodiscard]] std::optional<Timestamp> next_due() const;
  Task<> produce_due(Timestamp now, Work work);

  Clock& clock_;
  RetryHandler& handler_;
  std::size_t unfinished_max_ = 10'000;
  bool stopping_ = false;
  bool paused_ = false;
  Deliveries deliveries_;
  WorkQueue working_;
  std::multimap<Timestamp, Waiting> waiting_;  ///< by the time when they are due
  /// One at a time sends and commits: a rebalance waits for the retries on their way, and they for it.
  AsyncMutex mutex_;
  AsyncEvent changed_;
  std::unique_ptr<Producer> producer_;
  Pump pump_;  // last: its consumer goes first
};

Task<> RetryLoop::Loop::on_event(ConsumerEvent event) {
  co_await mutex_.lock();
  if (const auto* assigned = std::get_if<Assigned>(&event)) {
    deliveries_.assign(assigned->positions);
  } else if (const auto* revoked = std::get_if<Revoked>(&event)) {
    co_await give_up(*revoked);
  } else if (!stopping_) {  // a stopping member takes nothing on: the next owner reads it
    Work work;
    const Records& batch = std::get<Records>(event);
    for (const ConsumerRecord& record : batch.records) receive(record, work);
    deliveries_.read_up_to(batch.next_offsets);
    co_await finish(std::move(work));
  }
  mutex_.unlock();
  changed_.set();
}

/// What waits is produced at once, so that its new owner does not begin the wait again; of lost partitions it is
/// forgotten, because the new owner has read it already.
Task<> RetryLoop::Loop::give_up(const Revoked& revoked) {
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
  deliveries_.revoke(revoked.partitions);
  for (const TopicPartition& tp : revoked.partitions) working_.drop(tp);
}

void RetryLoop::Loop::receive(const ConsumerRecord& record, Work& work) {
  deliveries_.begin(record.position);
  if (working_.delays(record.position.tp))
    working_.push(record, clock_.now());
  else
    take(record, work);
}

/// Lets the handler decide about a record; a retry waits.
void RetryLoop::Loop::take(const ConsumerRecord& record, Work& work) {
  DeliveryResult result = handler_.deliver(record, work.output);
  if (const auto* again = std::get_if<Again>(&result)) {
    Waiting waiting(record, next_retry_count(retry_count(*record.record)));
    if (again->wait == Duration::zero())
      produce(waiting, work);
    else
      waiting_.emplace(clock_.now() + again->wait, std::move(waiting));
    return;
  }
  if (auto* given_up = std::get_if<GivenUp>(&result)) work.add(std::move(*given_up));
  work.finished.push_back(record.position);
}

void RetryLoop::Loop::produce(const Waiting& waiting, Work& work) {
  work.output.emplace_back(waiting.record.position.tp.topic, EventWriter::retry(waiting.record, waiting.retry_count));
  work.reports.push_back(
      Report{work.output.size() - 1, handler_.retried(waiting.record, waiting.retry_count), std::optional(waiting)});
  work.finished.push_back(waiting.record.position);
}

/// Sends the records, then the reports about them: no report is about a record that does not exist. False if the
/// producer was closed meanwhile.
Task<bool> RetryLoop::Loop::send(Work& work) {
  const Delivery delivery = co_await deliver(*producer_, clock_, work.output);
  if (delivery.closed) co_return false;
  Output then;
  for (std::size_t i = 0; i < work.output.size(); ++i) {
    const ProducerRecord& output = work.output[i];
    if (delivery.refused[i] && output.topic != topics::orders_dlq && !is_retry(*output.record))
      then.push_back(dead_letter_for(output, *delivery.refused[i]));
  }
  Work letters;
  for (Report& report : work.reports) {
    const auto& why = delivery.refused[report.output];
    if (why && report.retried)
      letters.add(handler_.refused(report.retried->record, *why));
    else if (!why && report.event)
      then.push_back(std::move(*report.event));
  }
  if (!letters.output.empty()) {
    const Delivery lettered = co_await deliver(*producer_, clock_, letters.output);
    if (lettered.closed) co_return false;
    for (Report& report : letters.reports)
      if (!lettered.refused[report.output] && report.event) then.push_back(std::move(*report.event));
  }
  if (then.empty()) co_return true;
  const bool sent = co_await send_until_acknowledged(*producer_, clock_, std::move(then));
  co_return sent;
}

/// Sends the outputs; when the log has them, their inputs are finished, and what is finished is committed.
Task<> RetryLoop::Loop::finish(Work work) {
  const bool sent = co_await send(work);
  if (!sent) co_return;
  for (const Position& position : work.finished) deliveries_.finish(position);
  std::vector<Position> next = deliveries_.take_committable();
  deliveries_.hold_or_resume(pump_.consumer(), unfinished_max_);
  pump_.commit(std::move(next));
}

/// Finishes deliveries that take time, and produces the retries, when they are due: all that are due together. At a
/// stop all retries that wait go out before the group is left; deliveries that are not done are the next owner's.
Task<> RetryLoop::Loop::follow_time() {
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

std::optional<Timestamp> RetryLoop::Loop::next_due() const {
  std::optional<Timestamp> next = paused_ ? std::nullopt : working_.next_done();
  if (!waiting_.empty()) next = std::min(next.value_or(Timestamp::max()), waiting_.begin()->first);
  return next;
}

Task<> RetryLoop::Loop::produce_due(Timestamp now, Work work) {
  const auto due_end = waiting_.upper_bound(now);
  for (auto waiting = waiting_.begin(); waiting != due_end; ++waiting) produce(waiting->second, work);
  waiting_.erase(waiting_.begin(), due_end);
  if (!work.finished.empty()) co_await finish(std::move(work));
}

RetryLoop::RetryLoop(EventBus& bus, Clock& clock, ConsumerSpec spec, RetryHandler& handler)
    : loop_(std::make_unique<Loop>(bus, clock, std::move(spec), handler)) {}

RetryLoop::~RetryLoop() = default;

Task<> RetryLoop::run() { return loop_->run(); }
void RetryLoop::stop() { loop_->stop(); }
void RetryLoop::pause(bool paused) { loop_->pause(paused); }
void RetryLoop::set_unfinished_max(std::size_t records) { loop_->set_unfinished_max(records); }
void RetryLoop::set_work_time(Duration takes) { loop_->set_work_time(takes); }
std::size_t RetryLoop::waiting() const noexcept { return loop_->waiting(); }
std::size_t RetryLoop::unfinished() const { return loop_->unfinished(); }

}  // namespace foodorder
