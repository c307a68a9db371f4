#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/park.hpp"

#include <deque>
#include <vector>

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

/// Lets coroutines wait until something has changed: each looks at the state, waits, and looks again. A notification
/// while nobody waits is lost. It may be destroyed while coroutines wait; they then wait until their execution context
/// ends, or their time comes.
class Condition {
 public:
  /// Completes at the next notify_all(). `mine`, if given, is set to what wakes this coroutine alone.
  Task<> wait(Waiter<Wake>* mine = nullptr);
  /// The same, or when `when` has come, with false.
  Task<bool> wait_until(Clock& clock, Timestamp when, Waiter<Wake>* mine = nullptr);

  void notify_all();

 private:
  void add(const Waiter<Wake>& waiter, Waiter<Wake>* mine);

  std::vector<Waiter<Wake>> waiting_;
};

}  // namespace foodorder
