#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/park.hpp"

#include <deque>
#include <vector>

namespace foodorder {

/// A mutex for coroutines of one module, which get it in the order in which they asked. No destructor unlocks it: a
/// crash ends all who share it.
class AsyncMutex {
 public:
  /// Completes when the caller holds the mutex, which it does until unlock().
  Task<> lock();
  void unlock();

 private:
  bool locked_ = false;
  std::deque<Waiter<Wake>> waiting_;
};

/// Wakes one coroutine, and resets itself. A set() while nobody waits is kept for the next wait: no wake-up is lost.
class AsyncEvent {
 public:
  void set();

  /// Completes at the next set(), or at once after one that found nobody waiting.
  Task<> wait();
  /// The same, or when `when` has come.
  Task<> wait_until(Clock& clock, Timestamp when);

 private:
  bool set_ = false;
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
