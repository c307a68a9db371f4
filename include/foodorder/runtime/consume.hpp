#pragma once

#include "foodorder/runtime/delivery.hpp"
#include "foodorder/runtime/view.hpp"

#include <functional>
#include <map>
#include <optional>
#include <vector>

namespace foodorder {

/// next -> handle -> send -> commit, a batch at a time, as a member of a group. Membership decides who emits; what is
/// emitted follows from the record alone, or from a view that has folded it. Outputs are acknowledged before the input
/// is committed, so nothing is lost, and a crash in between repeats the work, with the same event ids. The next batch
/// does not wait for the commit.
class ConsumeLoop {
 public:
  using Handle = std::function<void(const ConsumerRecord& record, Output& output)>;

  /// `assigned` is called when this member has got more partitions.
  ConsumeLoop(EventBus& bus, Clock& clock, ConsumerSpec spec, Handle handle, std::function<void()> assigned = {});

  /// Each batch waits until `view`, which outlives this, has folded it: what follows from a record may be told from the
  /// view. The view is paused with this loop, and stopped after it. Before run(); each move of the view calls
  /// view_moved().
  void wait_for(View& view) { view_ = &view; }
  void view_moved() { view_moved_.set(); }

  Task<> run();
  void stop();
  void pause(bool paused);

  /// The offset at which this member began to read the partition; nothing if it does not own it. The outputs of earlier
  /// records are in the log: an owner commits after that.
  [[nodiscard]] std::optional<std::int64_t> began_at(const TopicPartition& partition) const;

 private:
  Task<> on_event(ConsumerEvent event);
  Task<> emit(Records batch);
  [[nodiscard]] bool folded(const std::vector<Position>& next_offsets) const;

  Clock& clock_;
  Handle handle_;
  std::function<void()> assigned_;
  View* view_ = nullptr;
  AsyncEvent view_moved_;
  std::map<TopicPartition, std::int64_t> began_at_;  ///< of what it has
  bool emitting_ = false;
  bool paused_ = false;
  std::unique_ptr<Producer> producer_;
  Pump pump_;  // last: its consumer goes first
};

}  // namespace foodorder
