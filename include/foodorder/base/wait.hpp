#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/park.hpp"

#include <deque>

namespace foodorder {

/// Lets coroutines of one module into a passage one after the other, in the order in which they asked. Nothing is
/// given back by a destructor: a crash ends all who share it.
class Turn {
 public:
  /// Completes when it is the caller's turn, which lasts until give().
  Task<> take();
  void give();

 private:
  bool taken_ = false;
  std::deque<Waiter<Wake>> waiting_;
};

/// Wakes one coroutine. A ring while nobody waits is kept for the next wait, so no wake-up is lost.
class Bell {
 public:
  void ring();

  /// Completes at the next ring, or at once after one that nobody heard.
  Task<> wait();
  /// The same, or when `when` has come.
  Task<> wait_until(Clock& clock, Timestamp when);

 private:
  bool rung_ = false;
  Waiter<Wake> waiter_;
};

}  // namespace foodorder
