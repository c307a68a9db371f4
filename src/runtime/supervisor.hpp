#pragma once

#include "foodorder/runtime/module.hpp"

#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace foodorder {

enum class InstanceState { starting, running, paused, stopping, stopped, crashed, failed };

/// "running", ...
std::string_view to_string(InstanceState state) noexcept;

struct InstanceStatus {
  std::string instance;  ///< "fraud-1"
  std::string kind;
  InstanceState state = InstanceState::stopped;
  bool ready = false;
  Settings settings;
  json::object report;
  std::string error;  ///< why it failed last, until it is started again; or what stands in its way while it runs
  std::int64_t restarts = 0;
  Timestamp since{};           ///< when it came into its state
  Duration session_timeout{};  ///< how long its groups wait for a sign of life
};

/// Runs the module instances of this process: each in a fault domain of its own, so that one can be crashed, or
/// fail, without the others. One that fails is started again after a delay that grows (1 s to 30 s).
class Supervisor {
 public:
  /// What every instance is given; outlives the supervisor.
  struct Parts {
    EventBus& bus;
    Clock& clock;
    IdSource& ids;
    prometheus::Registry& metrics;
    std::uint64_t seed;
    Duration session_timeout;
    std::span<const Topic> topics = topics::table();
  };

  /// `executor` runs the supervisor itself and, below the fault domains, the instances.
  Supervisor(Executor executor, Parts parts, std::vector<ModuleKind> kinds);
  ~Supervisor();
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;

  [[nodiscard]] const std::vector<ModuleKind>& kinds() const noexcept;
  /// Null if there is no such kind.
  [[nodiscard]] const ModuleKind* find_kind(std::string_view name) const noexcept;
  [[nodiscard]] bool has(std::string_view instance) const;
  [[nodiscard]] prometheus::Registry& metrics() const noexcept { return parts_.metrics; }

  /// A new instance, stopped. Errors: not_found (no such kind), invalid_argument (the id is taken), queue_full
  /// (64 instances).
  Result<void> add(std::string_view kind, std::string instance, Settings settings);

  /// Each does nothing where it is so already, and answers not_found for an instance that is not here, and
  /// invalid_argument, with a reason, for what its state does not allow.
  Result<void> start(std::string_view instance);
  Result<void> crash(std::string_view instance);
  Result<void> pause(std::string_view instance, bool paused);
  Result<void> configure(std::string_view instance, const std::map<std::string, SettingValue>& changes);
  /// Completes when the instance has finished its work and left its groups.
  Task<Result<void>> stop(std::string_view instance);
  Task<Result<json::object>> replay(std::string_view instance);
  /// Stops all at the same time.
  Task<> stop_all();

  [[nodiscard]] std::vector<InstanceStatus> statuses() const;

  /// Asked where a request finds no instance: what this process waits for before it starts them; empty if for nothing.
  void on_absence(std::function<std::string()> why) { why_absent_ = std::move(why); }

  /// Called after an instance's state has changed.
  void on_change(std::function<void(const std::string& instance)> changed);

  /// The HTTP routes of all kinds, whether they have instances yet or not. A request runs in a running instance of
  /// that kind; where there is none it gets a 503, and also if the instance crashes under it.
  std::vector<http::Route> routes();

 private:
  class Instance;

  Instance* find(std::string_view instance) const;
  Task<http::Response> dispatch(const ModuleKind& kind, const ModuleRoute& route, http::Request& request);

  Executor executor_;
  Parts parts_;
  std::vector<ModuleKind> kinds_;
  std::function<void(const std::string&)> changed_;
  std::function<std::string()> why_absent_;
  std::map<std::string, std::unique_ptr<Instance>, std::less<>> instances_;
};

}  // namespace foodorder
