#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/park.hpp"
#include "foodorder/runtime/view.hpp"

#include <vector>

namespace foodorder::order {

/// Waits until a view has folded a record.
class ViewGate {
 public:
  explicit ViewGate(Clock& clock) : clock_(clock) {}

  /// True once `view` has folded the record at `position`, false if that takes longer than `limit`.
  Task<bool> folded(const View& view, Position position, Duration limit);

  /// The view has moved on: lets those look again that wait.
  void moved();

 private:
  Clock& clock_;
  std::vector<Waiter<Wake>> waiting_;
};

}  // namespace foodorder::order
