#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/task.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <exception>
#include <memory>
#include <optional>

namespace foodorder::app {

/// Ctrl-C, or a signal like it, has ended what a command waited for.
struct Interrupted : std::exception {
  [[nodiscard]] const char* what() const noexcept override { return "interrupted"; }
};

/// Runs each task to its end before the next one, so that commands read from top to bottom. Work that an earlier task
/// left on the loop goes on meanwhile.
class BlockingLoop {
 public:
  [[nodiscard]] Executor executor() { return context_.get_executor(); }
  [[nodiscard]] Clock& clock() { return *clock_; }
  /// Waits so long. Throws Interrupted.
  void pause(Duration time);

  /// From here on SIGINT, SIGTERM and SIGHUP end a wait in place of the process.
  void catch_signals();
  [[nodiscard]] bool interrupted();

  /// Throws what `work` throws; Interrupted after a signal. The work is then abandoned.
  template <class T>
  T wait(Task<T> work) {
    struct Ended {
      std::optional<T> result;
      std::exception_ptr failure;
    };
    const auto ended = std::make_shared<Ended>();  // work that was abandoned may end in a later wait
    asio::co_spawn(context_, std::move(work), [this, ended](std::exception_ptr failure, T result) {
      ended->failure = failure;
      ended->result = std::move(result);
      context_.stop();
    });
    while (!ended->result && !interrupted_) {
      context_.restart();
      context_.run();
    }
    if (ended->failure) std::rethrow_exception(ended->failure);
    if (!ended->result) throw Interrupted();
    return std::move(*ended->result);
  }

 private:
  asio::io_context context_{1};
  std::unique_ptr<Clock> clock_ = make_system_clock(context_.get_executor());
  asio::signal_set signals_{context_};
  bool interrupted_ = false;
};

}  // namespace foodorder::app
