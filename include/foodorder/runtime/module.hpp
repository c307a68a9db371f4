#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/domain/json.hpp"
#include "foodorder/http/http.hpp"
#include "foodorder/runtime/settings.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Registry;
}

namespace foodorder {

/// What an instance of a module is given. All of it outlives the instance.
struct ModuleContext {
  std::string instance_id;  ///< "notification-2"
  EventBus& bus;
  Clock& clock;
  IdSource& ids;
  prometheus::Registry& metrics;
  Settings settings;       ///< as they are at its start; configure() brings later ones
  std::uint64_t seed = 0;  ///< of every simulated failure
  Duration session_timeout = std::chrono::seconds(10);
};

/// A member of `group` that reads `topic`, under the instance's id.
ConsumerSpec member_of(const ModuleContext& context, std::string_view group, std::string_view topic);

/// One service: it speaks with others only through the bus. All calls come from the loop's thread. It runs in
/// a FaultDomain of its own: it can be destroyed at any of its awaits (a crash), so its destructor sends,
/// commits and leaves nothing.
class Module {
 public:
  virtual ~Module() = default;

  /// Works until stop(), then finishes what it has begun, commits, leaves its groups and returns. An exception
  /// is a failure: it is shown, and the instance is restarted with a growing delay.
  virtual Task<> run() = 0;

  /// Asks run() to return soon. Idempotent.
  virtual void stop() = 0;

  /// Reads nothing until resumed; stays a member of its groups.
  virtual void pause(bool paused) = 0;

  /// Other settings, already checked: from the next record on.
  virtual void configure(const Settings& settings) = 0;

  /// What it remembers has caught up with the log.
  [[nodiscard]] virtual bool ready() const = 0;

  /// Its figures, for `module-status`, at most some kilobytes. Called every second.
  [[nodiscard]] virtual json::object report() const = 0;

  /// Reads the log again, from its beginning to its present end, writing nothing, and completes with a summary of what
  /// came out differently; report() shows the progress as `replay: {state, done, total}`, in records. Errors:
  /// unsupported, invalid_argument (one is running).
  virtual Task<Result<json::object>> replay();

  /// Its part of the HTTP API. Handlers run in the instance's fault domain while it runs; at other times their
  /// requests get a 503. Asked right after construction, also of a module that is made for this question alone and
  /// never run; methods and patterns are the same for all of a kind.
  virtual std::vector<http::Route> routes() { return {}; }
};

/// A kind of module: what a plugin registers and the list of built-in modules holds.
struct ModuleKind {
  std::string name;  ///< "notification"; an instance is "<name>-<n>"
  std::string summary;
  std::vector<SettingSpec> settings;
  std::unique_ptr<Module> (*make)(ModuleContext context) = nullptr;
  std::string plugin{};  ///< the file it was loaded from; set by the program, empty for one that is linked in
};

}  // namespace foodorder
