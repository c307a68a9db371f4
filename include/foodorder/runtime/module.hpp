#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"
#include "foodorder/runtime/settings.hpp"
#include "foodorder/runtime/topics.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
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
  std::span<const Topic> topics = topics::table();  ///< of the program and of all kinds of modules
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

  /// Whether it delays and fails its requests itself, as `faultDelayMs` and `faultRate` ask. Otherwise that is done
  /// before a request reaches it.
  [[nodiscard]] virtual bool fails_itself() const { return false; }

  /// Its state has caught up with the log.
  [[nodiscard]] virtual bool ready() const = 0;

  /// Its figures, for `module-status`, at most some kilobytes. Called every second.
  [[nodiscard]] virtual json::object report() const = 0;

  /// Reads the log again, from its beginning to its present end, writing nothing, and completes with a summary of what
  /// came out differently; report() shows the progress as `replay: {state, done, total}`, in records. Errors:
  /// unsupported, invalid_argument (one is running).
  virtual Task<Result<json::object>> replay();
};

/// A part of the HTTP API that a kind of module serves. The handler runs in the fault domain of a running instance of
/// that kind; where there is none the request gets a 503.
struct ModuleRoute {
  using Handler = std::function<Task<http::Response>(Module& module, http::Request& request)>;

  ModuleRoute(http::Method the_method, std::string the_pattern, Handler the_handler,
              http::Access who = http::Access::open)
      : method(the_method), pattern(std::move(the_pattern)), access(who), handler(std::move(the_handler)) {}

  /// `member` is one of the kind's own module class.
  template <class OwnModule>
  ModuleRoute(http::Method the_method, std::string the_pattern,
              Task<http::Response> (OwnModule::*member)(http::Request& request), http::Access who = http::Access::open)
      : method(the_method), pattern(std::move(the_pattern)), access(who) {
    handler = [member](Module& module, http::Request& request) {
      return (static_cast<OwnModule&>(module).*member)(request);
    };
  }

  http::Method method;
  std::string pattern;  ///< "/api/orders/{id}", as http::Route has it
  http::Access access;
  Handler handler;
};

/// A kind of module: what a plugin registers and the list of built-in modules holds. All that the program knows of a
/// kind before it has an instance stands here.
struct ModuleKind {
  std::string name;  ///< "notification"; an instance is "<name>-<n>"
  std::string summary;
  std::function<std::unique_ptr<Module>(ModuleContext context)> make{};
  std::vector<SettingSpec> settings{};
  std::vector<ModuleRoute> routes{};
  std::vector<Topic> topics{};  ///< beside those of the program
  int instances = 1;            ///< of a process that is not told how many
  std::string plugin{};         ///< the file it was loaded from; set by the program, empty for one that is linked in
};

/// For ModuleKind::make.
template <class OwnModule>
std::unique_ptr<Module> make_module(ModuleContext context) {
  return std::make_unique<OwnModule>(std::move(context));
}

}  // namespace foodorder
