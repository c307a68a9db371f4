#include "reading.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/retry_log.hpp"

#include <fmt/format.h>
#include <prometheus/counter.h>
#include <algorithm>
#include <stdexcept>

namespace foodorder::fraud {

namespace {

// Orders of one partition that wait for their turn before it is paused.
constexpr std::size_t held_max_records = 10'000;
constexpr Duration ask_interval_min = std::chrono::milliseconds(1);
constexpr Duration retry_delay = std::chrono::milliseconds(200);

ConsumerSpec reader(const std::string& client_id, const std::vector<Position>& start) {
  ConsumerSpec spec(client_id, {start.front().tp.topic});
  spec.start = start;
  return spec;
}

}  // namespace

Reading::Reading(EventBus& bus, Clock& clock, const std::string& client_id, ReadingStart from, const Limits& limits,
                 Duration grace, prometheus::Counter& unparsable)
    : bus_(bus),
      clock_(clock),
      grace_(grace),
      unparsable_(unparsable),
      detector_(from.start.size(), limits, grace, held_max_records),
      pump_(bus.subscribe(reader(client_id, from.start)), clock,
            [this](ConsumerEvent event) { return on_event(std::move(event)); }) {
  for (std::size_t i = 0; i < from.start.size(); ++i) {
    Partition& partition = partitions_.emplace_back();
    partition.tp = from.start[i].tp;
    partition.next = from.start[i].offset;
    partition.judge_from = from.judge_from[i];
  }
  deliveries_.assign(from.start);
}

Task<> Reading::run() {
  std::vector<Task<>> parts;
  parts.push_back(pump_.run());
  parts.push_back(follow_ends());
  co_await join(std::move(parts));
}

void Reading::stop() {
  stopping_ = true;
  pump_.stop();
  ready_.set();
  ends_changed_.set();
}

void Reading::pause(bool paused) {
  pump_.pause(paused);
  deliveries_.pause(paused);
}

const Reading::Partition& Reading::at(const TopicPartition& tp) const {
  return partitions_.at(static_cast<std::size_t>(tp.partition));
}

Reading::Partition& Reading::at(const TopicPartition& tp) {
  return partitions_.at(static_cast<std::size_t>(tp.partition));
}

bool Reading::serves(const Position& committed) const {
  if (!has(committed.tp)) return false;
  const Partition& partition = at(committed.tp);
  return committed.offset >= partition.judge_from && committed.offset >= partition.judged;
}

Task<> Reading::on_event(ConsumerEvent event) {
  if (const auto* batch = std::get_if<Records>(&event)) {
    const Timestamp now = clock_.now();
    for (const ConsumerRecord& record : batch->records) {
      deliveries_.begin(record.position);
      const Detector::Read read = detector_.read(record, now);
      if (read != Detector::Read::queued) deliveries_.finish(record.position);
      if (read == Detector::Read::unparsable && judges(record.position)) unparsable_.Increment();
    }
    deliveries_.read_up_to(batch->next_offsets);
  }
  if (const auto* assigned = std::get_if<Assigned>(&event)) {
    // Partitions were added: what is read must be all of them, so another reading begins.
    const auto& positions = assigned->positions;
    if (!std::all_of(positions.begin(), positions.end(), [this](const Position& at) { return has(at.tp); })) stop();
  } else if (const auto* revoked = std::get_if<Revoked>(&event)) {
    throw std::runtime_error(
        fmt::format("topic {} was deleted and made again: reading the new log", revoked->partitions.front().topic));
  }
  if (stopping_) co_return;
  for (const Position& position : pump_.consumer().assignment()) at(position.tp).next = position.offset;
  hold_or_resume();
  note_ends();
  if (idle_ && detector_.waiting() > 0) ends_changed_.set();
  co_return;
}

std::optional<Judged> Reading::next() {
  if (stopping_) return {};
  std::optional<Judged> judged = detector_.next();
  if (judged) {
    Partition& partition = at(judged->record.position.tp);
    partition.judged = std::max(partition.judged, judged->record.position.offset + 1);
  }
  hold_or_resume();
  return judged;
}

void Reading::hold_or_resume() {
  for (const Partition& partition : partitions_)
    deliveries_.hold(pump_.consumer(), partition.tp, detector_.full(partition.tp.partition));
}

/// While orders wait, asks every `grace` where the partitions end: what was there then and has been read is all that
/// can come from before.
Task<> Reading::follow_ends() {
  RetryLog ends_log("fraud");
  std::vector<TopicPartition> all;
  for (const Partition& partition : partitions_) all.push_back(partition.tp);
  while (!stopping_) {
    const Timestamp asked = clock_.now();
    std::vector<TopicPartition> asking = all;
    const auto ends = co_await bus_.admin().resolve(std::move(asking), Where::end());
    if (stopping_) break;
    if (!ends) {
      ends_log.failed(ends.error());
      co_await ends_changed_.wait_until(clock_, clock_.now() + retry_delay);
      continue;
    }
    ends_log.worked();
    for (const Position& end : *ends) at(end.tp).end = end.offset;
    ends_asked_ = asked;
    ends_known_ = true;
    note_ends();
    idle_ = caught_up_ && detector_.waiting() == 0;
    if (idle_) co_await ends_changed_.wait();
    idle_ = false;
    if (!stopping_) co_await ends_changed_.wait_until(clock_, clock_.now() + std::max(grace_, ask_interval_min));
  }
}

void Reading::note_ends() {
  bool all = true;
  for (const Partition& partition : partitions_) {
    if (ends_known_ && partition.next >= partition.end)
      detector_.read_to_end(partition.tp.partition, ends_asked_);
    else
      all = false;
  }
  caught_up_ = caught_up_ || all;
  ready_.set();
}

}  // namespace foodorder::fraud
