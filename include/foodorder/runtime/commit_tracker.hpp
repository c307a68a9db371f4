#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>

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

}  // namespace foodorder
