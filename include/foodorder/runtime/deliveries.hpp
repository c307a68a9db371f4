#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

namespace foodorder {

/// What of one partition is finished, where records finish out of order: only the part of the log below the lowest
/// unfinished record may be committed. Pure.
class CommitTracker {
 public:
  CommitTracker() = default;
  /// `next_offset`: the first offset that is to be done.
  explicit CommitTracker(std::int64_t next_offset) : next_(next_offset) {}

  /// A record was read and is now unfinished. Offsets increase; they may leave gaps.
  void begin(std::int64_t offset);

  /// Offsets below `next_offset` that were not begun hold no record: there is nothing to be done for them.
  void read_up_to(std::int64_t next_offset) noexcept { next_ = std::max(next_, next_offset); }

  /// A record that was begun is finished. Others, and those finished before, are ignored.
  void finish(std::int64_t offset);

  /// The offset to commit: the lowest unfinished one, or where the partition has been read to.
  [[nodiscard]] std::int64_t next_offset() const noexcept { return begun_.empty() ? next_ : begun_.front().offset; }

  [[nodiscard]] std::size_t unfinished() const noexcept { return unfinished_; }
  /// Records at or above next_offset(): what a crash would give out again, and what is kept in memory.
  [[nodiscard]] std::size_t uncommitted() const noexcept { return begun_.size(); }

 private:
  struct Begun {
    std::int64_t offset;
    bool finished;
  };

  std::deque<Begun> begun_;  // by offset; the first is unfinished
  std::size_t unfinished_ = 0;
  std::int64_t next_ = 0;
};

/// The records that a consumer has read and not finished, where they finish out of order: what of each partition may be
/// committed, and which partitions are held (paused) because too much of them waits. Unknown partitions are ignored:
/// they have gone to another owner.
class Deliveries {
 public:
  /// Each of these partitions begins, or begins anew, at its position.
  void assign(const std::vector<Position>& positions);
  void revoke(const std::vector<TopicPartition>& partitions);

  /// A record was read.
  void begin(const Position& record);
  /// Offsets below these that were not begun hold no record.
  void read_up_to(const std::vector<Position>& next_offsets);
  /// A record, and all that follows from it, is done.
  void finish(const Position& record);

  /// Next offsets that may be committed. Each is given once.
  std::vector<Position> take_committable();
  /// The same for one partition, however often; 0 of one that is unknown.
  [[nodiscard]] std::int64_t next_offset(const TopicPartition& partition) const;
  [[nodiscard]] std::size_t unfinished() const;

  /// Pauses the partition, or resumes it. While the consumer is paused as a whole nothing is resumed.
  void hold(Consumer& consumer, const TopicPartition& partition, bool held);
  /// Holds partitions with `unfinished_max` records that are not finished, or 32 times as many that cannot be committed
  /// because of them. Half of that resumes them.
  void hold_or_resume(Consumer& consumer, std::size_t unfinished_max);
  /// The consumer was paused, or resumed: that resumes held partitions, too, until they are held again.
  void pause(bool paused);

 private:
  struct Partition {
    explicit Partition(const Position& begin) : tp(begin.tp), tracker(begin.offset), committed(begin.offset) {}

    TopicPartition tp;
    CommitTracker tracker;
    std::int64_t committed;  ///< or about to be
    bool held = false;
  };

  void hold(Consumer& consumer, Partition& partition, bool held) const;

  std::vector<Partition> partitions_;  ///< sorted; a search looks at all, because they are few
  bool paused_ = false;
};

}  // namespace foodorder
