#pragma once

#include "detector.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/deliveries.hpp"
#include "foodorder/runtime/pump.hpp"

#include <map>
#include <memory>
#include <vector>

namespace prometheus {
class Counter;
}

namespace foodorder::fraud {

/// Where a reading of `orders` begins, a partition each, in their order.
struct ReadingStart {
  std::vector<Position> start;           ///< next offsets to read: a window before
  std::vector<std::int64_t> judge_from;  ///< this, from which on the windows are complete
};

/// A reading of all partitions of `orders`, without a group: windows and verdicts from where it begins on.
class Reading {
 public:
  Reading(EventBus& bus, Clock& clock, const std::string& client_id, ReadingStart from, const Limits& limits,
          Duration grace, prometheus::Counter& unparsable);

  /// Reads until stop().
  Task<> run();
  /// Nothing is judged from now on.
  void stop();
  void pause(bool paused);
  void set_limits(const Limits& limits) { detector_.set_limits(limits); }

  /// Completes when next() may have something, after wake(), and after stop().
  Task<> wait() { return ready_.wait(); }
  void wake() { ready_.set(); }
  /// The next verdict; nothing once stopped.
  std::optional<Judged> next();
  /// What next() gave, and all that follows from it, is done.
  void finish(const Position& position) { deliveries_.finish(position); }

  [[nodiscard]] bool stopping() const noexcept { return stopping_; }
  /// It has read what the log held when it began.
  [[nodiscard]] bool caught_up() const noexcept { return caught_up_; }
  /// Up to here a partition may be committed.
  [[nodiscard]] std::int64_t finished(const TopicPartition& tp) const { return deliveries_.next_offset(tp); }
  /// True if an owner whose next offset is `committed` gets all of its verdicts from this reading, with full windows.
  [[nodiscard]] bool serves(const Position& committed) const;
  /// True if the windows were full when this record was judged: not so where the reading only warms up.
  [[nodiscard]] bool judges(const Position& position) const { return position.offset >= at(position.tp).judge_from; }
  [[nodiscard]] const Detector& detector() const noexcept { return detector_; }

 private:
  struct Partition {
    TopicPartition tp;
    std::int64_t judge_from = 0;
    std::int64_t next = 0;    // to be read
    std::int64_t judged = 0;  // one past the highest that was judged
    std::int64_t end = 0;     // when the ends were asked for last
  };

  Task<> on_event(ConsumerEvent event);
  Task<> follow_ends();
  void note_ends();
  void hold_or_resume();
  [[nodiscard]] bool has(const TopicPartition& tp) const {
    return static_cast<std::size_t>(tp.partition) < partitions_.size();
  }
  [[nodiscard]] const Partition& at(const TopicPartition& tp) const;
  [[nodiscard]] Partition& at(const TopicPartition& tp);

  EventBus& bus_;
  Clock& clock_;
  Duration grace_;
  prometheus::Counter& unparsable_;
  Detector detector_;
  std::vector<Partition> partitions_;
  Deliveries deliveries_;
  Timestamp ends_asked_ = Timestamp::min();
  bool ends_known_ = false;
  bool caught_up_ = false;
  bool stopping_ = false;
  bool idle_ = false;  // nothing waits, so nobody asks for the ends
  AsyncEvent ready_;
  AsyncEvent ends_changed_;
  Pump pump_;  // last: its consumer goes first
};

}  // namespace foodorder::fraud
