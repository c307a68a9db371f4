#pragma once

#include "support/virtual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>
#include <optional>
#include <utility>

namespace foodorder {

/// A loop that lives by a virtual clock: time moves only while nothing is ready to run.
class VirtualLoop {
 public:
  VirtualLoop() = default;
  explicit VirtualLoop(Timestamp start) : clock(start) {}

  VirtualClock clock;
  asio::io_context context;

  /// Runs what is ready, and what that makes ready; time stands still.
  void run_ready() {
    context.restart();
    context.poll();
  }

  /// Lets time pass from timer to timer until the condition holds; false if it did not within `limit`.
  bool run_until(const std::function<bool()>& condition, Duration limit = std::chrono::minutes(2)) {
    const Timestamp end = clock.now() + limit;
    run_ready();
    while (!condition()) {
      const std::optional<Timestamp> due = clock.next_due();
      if (!due || *due > end) {
        clock.advance(end - clock.now());
        return false;
      }
      clock.fire_next();
      run_ready();
    }
    return true;
  }

  void run_for(Duration duration) {
    run_until([] { return false; }, duration);
  }

  /// Runs a task to its end, however long it takes; its result.
  template <class T>
  T finish(Task<T> task) {
    std::optional<T> result;
    std::exception_ptr failed;
    asio::co_spawn(context, std::move(task), [&](std::exception_ptr failure, T value) {
      failed = failure;
      result = std::move(value);
    });
    run_until([&] { return result.has_value() || failed; });
    if (failed) std::rethrow_exception(failed);
    return std::move(result.value());
  }

  /// Runs a task as far as it comes without time passing; its result, if it came to its end.
  template <class T>
  std::optional<T> run(Task<T> task) {
    std::optional<T> result;
    asio::co_spawn(context, std::move(task), [&](std::exception_ptr failure, T value) {
      if (failure) std::rethrow_exception(failure);
      result = std::move(value);
    });
    run_ready();
    return result;
  }
};

}  // namespace foodorder
