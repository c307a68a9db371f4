#pragma once

#include "config/config.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"
#include "foodorder/runtime/module.hpp"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace foodorder::app {

/// What an architecture is built of. All of it outlives it.
struct ArchitectureParts {
  const Config& config;
  Executor loop;
  Clock& clock;
  IdSource& ids;
  prometheus::Registry& metrics;
};

/// What differs between the architectures: nothing else asks which one it is.
class Architecture {
 public:
  virtual ~Architecture() = default;

  /// Carries module control, and tells of the orders.
  [[nodiscard]] virtual EventBus& bus() = 0;
  /// The modules that there are, of those that `kinds` name.
  [[nodiscard]] virtual std::vector<ModuleKind> kinds(std::span<const ModuleKind> kinds) = 0;
  /// Routes that only this one has.
  [[nodiscard]] virtual std::vector<http::Route> routes() = 0;
  /// What it does beside the modules, until stop().
  virtual Task<> run() { co_return; }
  virtual void stop() {}
  /// What the page shows of it, on /events/system: {name, ...}.
  virtual Task<json::object> snapshot() = 0;
  /// Brings its own metrics up to date.
  virtual Task<> update_metrics() = 0;
  /// Adds to the body of `/readyz` what only this one has, and gives why the process is not ready for it; empty if it
  /// is.
  virtual Task<std::string> add_readiness(json::object& body) = 0;
  /// One line for the terminal: where the orders are, and what is kept.
  [[nodiscard]] virtual std::string announcement() const = 0;
};

/// Throws std::runtime_error with one line that says what stands in its way.
std::unique_ptr<Architecture> make_architecture(const ArchitectureParts& parts);

}  // namespace foodorder::app
