#pragma once

#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/view.hpp"

namespace foodorder::order {

/// Waits until a view has folded a record.
class ViewProgress {
 public:
  explicit ViewProgress(Clock& clock) : clock_(clock) {}

  /// True once `view` has folded the record at `position`, false if that takes longer than `limit`.
  Task<bool> folded(const View& view, Position position, Duration limit);

  /// The view has moved on: lets those look again that wait.
  void moved() { moved_.notify_all(); }

 private:
  Clock& clock_;
  Condition moved_;
};

}  // namespace foodorder::order
