#pragma once

#include "foodorder/base/task.hpp"
#include "foodorder/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>

namespace foodorder {

/// Time and timers. Only the system clock's implementation touches the machine's time; the simulator's
/// is virtual. One thread: every member is called on the loop's thread and callbacks run on it.
class Clock {
 public:
  /// Names a timer for cancel(). 0 is never given out.
  using TimerId = std::uint64_t;

  virtual ~Clock() = default;

  /// UTC now. Never goes back while the process runs; after the machine has slept it is right again.
  [[nodiscard]] virtual Timestamp now() const = 0;

  /// now(), moved on so that each call gives a later time than the one before: for `ce_time`.
  Timestamp stamp() {
    last_stamp_ = std::max(last_stamp_ + Duration(1), now());
    return last_stamp_;
  }

  /// Calls `callback` once, at or after `when`, from the loop and never from inside call_at(). Callbacks
  /// due at the same time run in the order in which they were added. It must not throw.
  virtual TimerId call_at(Timestamp when, std::function<void()> callback) = 0;

  /// Forgets a timer. Unknown ids, fired ones among them, are ignored.
  virtual void cancel(TimerId timer) = 0;

 private:
  Timestamp last_stamp_{};
};

/// Completes on the caller's executor after `duration`. Nothing to cancel: a crash drops it, and who must
/// wake earlier parks on a Waiter with a timer of its own.
Task<> sleep_for(Clock& clock, Duration duration);

/// The machine's clock, its timers on `executor`'s loop (which must be an io_context's).
std::unique_ptr<Clock> make_system_clock(const Executor& executor);

}  // namespace foodorder
