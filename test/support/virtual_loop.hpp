#pragma once

#include "support/virtual_clock.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <optional>
#include <utility>

namespace foodorder {

/// A loop that lives by a virtual clock: time moves only while nothing is ready to run.
class VirtualLoop {
 public:
  VirtualClock clock;
  asio::io_context context;

  /// Runs what is ready, and what that makes ready; time stands still.
  void run_ready() {
    context.restart();
    context.poll();
  }

  /// Lets `duration` pass, a millisecond at a time.
  void run_for(Duration duration) {
    constexpr Duration step = std::chrono::milliseconds(1);
    run_ready();
    for (Duration passed{}; passed < duration; passed += step) {
      clock.advance(step);
      run_ready();
    }
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
