#pragma once

#include "base/fault_domain.hpp"
#include "faults.hpp"
#include "foodorder/base/wait.hpp"
#include "runtime/supervisor.hpp"

#include <functional>
#include <list>

namespace foodorder {

/// One module instance through its states: its module and fault domain exist from a start until the next end.
class Supervisor::Instance {
 public:
  Instance(Supervisor& owner, const ModuleKind& kind, std::string id, Settings settings);
  ~Instance();

  [[nodiscard]] InstanceStatus status();
  [[nodiscard]] const ModuleKind& kind() const noexcept { return kind_; }
  [[nodiscard]] bool serving() const noexcept;

  Result<void> start();
  void crash();
  Result<void> pause(bool paused);
  Result<void> configure(const std::map<std::string, SettingValue>& changes);
  Task<> stop();
  Task<Result<json::object>> replay();

  /// Runs the handler on this instance's module in its fault domain; a 503 if that ends first.
  Task<http::Response> call(const ModuleRoute::Handler& handler, http::Request& request);

 private:
  struct Life;
  template <class T>
  struct Outcome;

  /// Runs a task of the module in its fault domain, and completes when it has ended or the domain has. `callers` is one
  /// of the life's lists. The task runs on if the caller's own domain ends: `owner` keeps until then what it refers to.
  template <class T>
  Task<std::shared_ptr<Outcome<T>>> run_in_domain(std::list<Waiter<Wake>>& callers, Task<T> task,
                                                  std::shared_ptr<const void> owner);
  void make_life();
  void begin();
  /// Every call into the module goes by this one: what it throws ends the instance as a failure, and gives false.
  bool guarded(const std::function<void()>& call);
  Task<> finish_calls();
  [[nodiscard]] bool alive() const noexcept;
  void ended(const std::exception_ptr& failure);
  void fail(const std::exception_ptr& failure);
  [[nodiscard]] Error failed() const;
  void tear_down();
  void schedule_restart();
  void set_state(InstanceState state);

  Supervisor& owner_;
  const ModuleKind& kind_;
  std::string id_;
  Settings settings_;
  std::shared_ptr<Faults> faults_;
  InstanceState state_ = InstanceState::stopped;
  std::string error_;
  std::int64_t restarts_ = 0;
  Duration restart_delay_;
  Timestamp started_{};
  Timestamp since_{};
  Clock::TimerId restart_timer_ = 0;
  Condition ended_;  ///< it is not alive any more
  std::shared_ptr<Life> life_;
};

}  // namespace foodorder
