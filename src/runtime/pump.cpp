#include "foodorder/runtime/pump.hpp"

#include "foodorder/base/join.hpp"

#include <algorithm>

namespace foodorder {

namespace {

constexpr Duration retry_delay = std::chrono::milliseconds(200);
/// A commit wakes its group, and on a broker it is a request and a record.
constexpr Duration commit_interval = std::chrono::milliseconds(100);
constexpr Duration commit_delay_min = std::chrono::milliseconds(50);
constexpr Duration commit_delay_max = std::chrono::seconds(2);

/// Positions of `newer` win.
void merge(std::vector<Position>& into, const std::vector<Position>& newer) {
  for (const Position& position : newer) {
    const auto same = [&](const Position& other) { return other.tp == position.tp; };
    const auto found = std::find_if(into.begin(), into.end(), same);
    if (found == into.end())
      into.push_back(position);
    else
      found->offset = position.offset;
  }
}

std::vector<TopicPartition> partitions_of(const std::vector<Position>& positions) {
  std::vector<TopicPartition> partitions;
  for (const Position& position : positions) partitions.push_back(position.tp);
  return partitions;
}

}  // namespace

Pump::Pump(std::unique_ptr<Consumer> consumer, Clock& clock, OnEvent on_event)
    : consumer_(std::move(consumer)), clock_(clock), on_event_(std::move(on_event)) {}

Task<> Pump::run() {
  std::vector<Task<>> parts;
  parts.push_back(pull());
  parts.push_back(commit_finished());
  co_await join(std::move(parts));
}

Task<> Pump::pull() {
  while (!stopping_) {
    waiting_ = true;
    Result<ConsumerEvent> event = co_await consumer_->next();
    waiting_ = false;
    if (event) {
      pulling_.worked();
      co_await take(std::move(*event));
    } else if (event.error().code == Errc::closed) {
      break;
    } else {
      pulling_.failed(event.error());
      co_await sleep_for(clock_, retry_delay);
    }
  }
  waiting_ = true;
  finished_event_.set();
}

Task<> Pump::take(ConsumerEvent event) {
  if (paused_ && std::holds_alternative<Assigned>(event)) apply_pause();
  revoked_ = std::holds_alternative<Revoked>(event);
  if (revoked_) commit_now_.set();
  co_await on_event_(std::move(event));
  // Commit finished work before another owner begins.
  while (revoked_ && (committing_ || !finished_.empty()) && !closed_) co_await committed_event_.wait();
  revoked_ = false;
}

/// Commits what is finished until nothing more can come, and leaves.
Task<> Pump::commit_finished() {
  while (!stopping_ || !waiting_ || !finished_.empty()) {
    if (finished_.empty())
      co_await finished_event_.wait();
    else if (clock_.now() < next_commit_ && !stopping_ && !revoked_)
      co_await commit_now_.wait_until(clock_, next_commit_);
    else
      co_await commit_gathered();
  }
  closed_ = true;
  committed_event_.set();
  // Wakes next(). Who runs this may be destroyed once it returns, and leaving takes time.
  co_await consumer_->close();
}

Task<> Pump::commit_gathered() {
  committing_ = true;
  for (Duration delay = commit_delay_min;; delay = std::min(delay * 2, commit_delay_max)) {
    std::vector<Position> committing = std::exchange(finished_, {});
    std::vector<Position> copy = committing;
    const Result<void> committed = co_await consumer_->commit(std::move(copy));
    if (committed) committing_log_.worked();
    if (committed) break;
    const Errc code = committed.error().code;
    if (code != Errc::fenced && code != Errc::closed) committing_log_.failed(committed.error());
    if (code != Errc::unavailable || stopping_) break;
    co_await sleep_for(clock_, delay);
    merge(committing, finished_);
    finished_ = std::move(committing);
  }
  committing_ = false;
  next_commit_ = clock_.now() + commit_interval;
  committed_event_.set();
}

void Pump::stop() {
  stopping_ = true;
  finished_event_.set();
  commit_now_.set();
}

void Pump::commit(std::vector<Position> next_offsets) {
  merge(finished_, next_offsets);
  if (!finished_.empty()) finished_event_.set();
}

void Pump::pause(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  apply_pause();
}

void Pump::apply_pause() {
  const auto partitions = partitions_of(consumer_->assignment());
  if (paused_)
    consumer_->pause(partitions);
  else
    consumer_->resume(partitions);
}

}  // namespace foodorder
