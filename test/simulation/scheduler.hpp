#pragma once

#include "foodorder/base/task.hpp"
#include "random.hpp"

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace foodorder::simulation {

/// Runs the handlers of several actors, one at a time, in an order that a seed decides: those of one actor in the order
/// in which they came, as on a loop of its own, those of different actors as chance wants it.
class Scheduler final : public asio::execution_context {
 public:
  using Actor = std::size_t;
  class Executor;

  explicit Scheduler(std::uint64_t seed) : random_(seed) {}
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  Actor add();
  [[nodiscard]] foodorder::Executor executor(Actor actor);

  /// Runs one handler of an actor that is not held; false if there is none.
  bool step();
  /// Runs this actor's handlers only, until it has none.
  void run_only(Actor actor);

  /// Nothing of it runs until it is let go.
  void hold(Actor actor, bool held);
  /// Destroys what it has queued without running it. Never called from inside a handler of that actor.
  void drop(Actor actor);

  [[nodiscard]] std::uint64_t steps() const noexcept { return steps_; }
  /// A hash of all choices so far.
  [[nodiscard]] std::uint64_t fingerprint() const noexcept { return fingerprint_; }

 private:
  struct Job {
    virtual ~Job() = default;
    virtual void run() = 0;
  };
  template <class Function>
  struct JobOf;
  struct Queue {
    std::deque<std::unique_ptr<Job>> jobs;
    bool held = false;
  };

  void push(Actor actor, std::unique_ptr<Job> job);
  void run_front(Actor actor);

  Random random_;
  std::deque<Queue> queues_;
  std::vector<Actor> runnable_;
  std::uint64_t steps_ = 0;
  std::uint64_t fingerprint_ = 0;
};

template <class Function>
struct Scheduler::JobOf final : Job {
  explicit JobOf(Function what) : function(std::move(what)) {}
  void run() override { std::move(function)(); }

  Function function;
};

/// Meets Asio's executor requirements.
class Scheduler::Executor {
 public:
  Executor(Scheduler& scheduler, Actor actor) noexcept : scheduler_(&scheduler), actor_(actor) {}

  template <class Function>
  void execute(Function&& function) const {
    scheduler_->push(actor_, std::make_unique<JobOf<std::decay_t<Function>>>(std::forward<Function>(function)));
  }

  [[nodiscard]] Scheduler& query(asio::execution::context_t) const noexcept { return *scheduler_; }
  static constexpr asio::execution::blocking_t::never_t query(asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  [[nodiscard]] Executor require(asio::execution::blocking_t::never_t) const noexcept { return *this; }

  friend bool operator==(const Executor& a, const Executor& b) noexcept {
    return a.scheduler_ == b.scheduler_ && a.actor_ == b.actor_;
  }
  friend bool operator!=(const Executor& a, const Executor& b) noexcept { return !(a == b); }

 private:
  Scheduler* scheduler_;
  Actor actor_;
};

}  // namespace foodorder::simulation
