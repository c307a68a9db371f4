#pragma once

#include "foodorder/base/task.hpp"

#include <boost/asio/execution.hpp>
#include <boost/asio/execution_context.hpp>
#include <memory>
#include <string>

namespace foodorder {

/// Things that fail together: the coroutines, timers and callbacks of one module instance. It is an
/// execution context whose executor forwards to an inner one, so that a crash can drop all that is queued or
/// parked there without any code of the instance running again. Destroying it is a crash, too.
class FaultDomain final : public asio::execution_context {
 public:
  class executor_type;

  FaultDomain(Executor inner, std::string name);
  ~FaultDomain();
  FaultDomain(const FaultDomain&) = delete;
  FaultDomain& operator=(const FaultDomain&) = delete;

  [[nodiscard]] executor_type get_executor() noexcept;
  [[nodiscard]] const std::string& name() const noexcept;

  /// Nothing of this domain runs from now on. What is parked here is destroyed before this returns, what is
  /// queued in the inner executor when its turn comes: keep what the coroutines refer to until then. Call it from
  /// outside of the domain: a coroutine cannot destroy itself.
  void crash();
  [[nodiscard]] bool crashed() const noexcept;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Meets Asio's executor requirements; cheap to copy; stays valid after its domain, then dropping all it gets.
class FaultDomain::executor_type {
 public:
  explicit executor_type(std::shared_ptr<State> state) noexcept : state_(std::move(state)) {}

  template <class Function>
  void execute(Function&& function) const;

  /// What it forwards to.
  [[nodiscard]] const Executor& inner() const noexcept;

  [[nodiscard]] FaultDomain& query(asio::execution::context_t) const noexcept;
  static constexpr asio::execution::blocking_t::never_t query(asio::execution::blocking_t) noexcept {
    return asio::execution::blocking.never;
  }
  [[nodiscard]] executor_type require(asio::execution::blocking_t::never_t) const noexcept { return *this; }

  friend bool operator==(const executor_type& a, const executor_type& b) noexcept { return a.state_ == b.state_; }
  friend bool operator!=(const executor_type& a, const executor_type& b) noexcept { return !(a == b); }

 private:
  std::shared_ptr<State> state_;
};

struct FaultDomain::State {
  State(FaultDomain& owner, Executor inner_executor, std::string domain_name)
      : domain(&owner), inner(std::move(inner_executor)), name(std::move(domain_name)) {}

  FaultDomain* domain;
  Executor inner;
  std::string name;
  bool crashed = false;
};

inline const Executor& FaultDomain::executor_type::inner() const noexcept { return state_->inner; }

template <class Function>
void FaultDomain::executor_type::execute(Function&& function) const {
  if (state_->crashed) {
    // Asio unwinds a dropped coroutine by a post to its executor: it ends here and now.
    [[maybe_unused]] const std::decay_t<Function> doomed = std::forward<Function>(function);
    return;
  }
  state_->inner.execute([state = state_, call = std::forward<Function>(function)]() mutable {
    if (!state->crashed) std::move(call)();
  });
}

}  // namespace foodorder
