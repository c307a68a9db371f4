#include "foodorder/runtime/deliveries.hpp"

#include <algorithm>

namespace foodorder {

namespace {

constexpr std::size_t uncommitted_factor = 32;

/// Null if it is unknown.
template <class Partitions>
auto* find_in(Partitions& partitions, const TopicPartition& tp) noexcept {
  const auto found = std::find_if(partitions.begin(), partitions.end(), [&](const auto& partition) {
    return partition.tp.partition == tp.partition && partition.tp.topic == tp.topic;
  });
  return found == partitions.end() ? nullptr : &*found;
}

}  // namespace

void CommitTracker::begin(std::int64_t offset) {
  begun_.push_back({offset, false});
  ++unfinished_;
  next_ = offset + 1;
}

void CommitTracker::finish(std::int64_t offset) {
  const auto found = std::lower_bound(begun_.begin(), begun_.end(), offset,
                                      [](const Begun& record, std::int64_t wanted) { return record.offset < wanted; });
  if (found == begun_.end() || found->offset != offset || found->finished) return;
  found->finished = true;
  --unfinished_;
  while (!begun_.empty() && begun_.front().finished) begun_.pop_front();
}

void Deliveries::assign(const std::vector<Position>& positions) {
  for (const Position& position : positions) {
    if (Partition* const known = find_in(partitions_, position.tp))
      *known = Partition(position);
    else
      partitions_.emplace_back(position);
  }
  std::sort(partitions_.begin(), partitions_.end(), [](const auto& a, const auto& b) { return a.tp < b.tp; });
}

void Deliveries::revoke(const std::vector<TopicPartition>& partitions) {
  std::erase_if(partitions_, [&](const Partition& partition) {
    return std::find(partitions.begin(), partitions.end(), partition.tp) != partitions.end();
  });
}

void Deliveries::begin(const Position& record) {
  if (Partition* const partition = find_in(partitions_, record.tp)) partition->tracker.begin(record.offset);
}

void Deliveries::read_up_to(const std::vector<Position>& next_offsets) {
  for (const Position& next : next_offsets)
    if (Partition* const partition = find_in(partitions_, next.tp)) partition->tracker.read_up_to(next.offset);
}

void Deliveries::finish(const Position& record) {
  if (Partition* const partition = find_in(partitions_, record.tp)) partition->tracker.finish(record.offset);
}

std::vector<Position> Deliveries::take_committable() {
  std::vector<Position> next;
  for (Partition& partition : partitions_) {
    if (partition.tracker.next_offset() <= partition.committed) continue;
    partition.committed = partition.tracker.next_offset();
    next.emplace_back(partition.tp, partition.committed);
  }
  return next;
}

std::int64_t Deliveries::next_offset(const TopicPartition& partition) const {
  const Partition* const found = find_in(partitions_, partition);
  return found ? found->tracker.next_offset() : 0;
}

std::size_t Deliveries::unfinished() const {
  std::size_t sum = 0;
  for (const Partition& partition : partitions_) sum += partition.tracker.unfinished();
  return sum;
}

void Deliveries::hold(Consumer& consumer, const TopicPartition& tp, bool held) {
  if (Partition* const partition = find_in(partitions_, tp)) hold(consumer, *partition, held);
}

void Deliveries::hold(Consumer& consumer, Partition& partition, bool held) const {
  if (held == partition.held || (paused_ && !held)) return;
  partition.held = held;
  if (held)
    consumer.pause({partition.tp});
  else
    consumer.resume({partition.tp});
}

void Deliveries::hold_or_resume(Consumer& consumer, std::size_t unfinished_max) {
  const std::size_t uncommitted_max = uncommitted_factor * unfinished_max;
  for (Partition& partition : partitions_) {
    const std::size_t unfinished = partition.tracker.unfinished();
    const std::size_t uncommitted = partition.tracker.uncommitted();
    const bool full = unfinished >= unfinished_max || uncommitted >= uncommitted_max;
    const bool above_half = unfinished > unfinished_max / 2 || uncommitted > uncommitted_max / 2;
    hold(consumer, partition, partition.held ? above_half : full);
  }
}

void Deliveries::pause(bool paused) {
  paused_ = paused;
  if (paused) return;
  for (Partition& partition : partitions_) partition.held = false;
}

}  // namespace foodorder
