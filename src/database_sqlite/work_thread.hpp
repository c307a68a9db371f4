#pragma once

#include "foodorder/base/task.hpp"

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace foodorder::database {

/// Something to be done on a thread, and to be answered on the loop.
class Operation {
 public:
  virtual ~Operation() = default;

  /// On the loop, once it is done.
  virtual void answer() = 0;

  /// On the thread: takes it up, unless it was given up before.
  bool begin() noexcept { return claim(State::begun); }
  /// On the loop: true if it was not begun, and never will be.
  bool give_up() noexcept { return claim(State::given_up); }

 private:
  enum class State { waiting, begun, given_up };

  bool claim(State by) noexcept {
    State expected = State::waiting;
    return state_.compare_exchange_strong(expected, by);
  }

  friend class WorkThread;

  std::atomic<State> state_{State::waiting};
  Executor alive_;  ///< keeps the loop running until the answer
};

using Batch = std::vector<std::shared_ptr<Operation>>;

/// One thread beside the loop, and a bounded queue to it. This file and its body are the only place where two threads
/// meet: a batch goes in, its answers are posted back. Without a thread of its own it works on the loop, a turn later:
/// the simulator's way.
class WorkThread {
 public:
  struct Spec {
    std::size_t queue_max = 4'096;
    std::size_t batch_max = 256;
    bool own_thread = true;
  };

  /// `work` is called with one batch after the other: all that waits, up to `batch_max`.
  WorkThread(Executor loop, Spec spec, std::function<void(Batch& batch)> work);
  /// Finishes what it is at; what waits is dropped.
  ~WorkThread();
  WorkThread(const WorkThread&) = delete;
  WorkThread& operator=(const WorkThread&) = delete;

  /// False if the queue is full.
  bool push(std::shared_ptr<Operation> operation);
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Queue;

  void work_on_loop();

  std::shared_ptr<Queue> queue_;
};

}  // namespace foodorder::database
