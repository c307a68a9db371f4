#pragma once

#include "database/service_tables.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"
#include "foodorder/runtime/module.hpp"
#include "http/network.hpp"

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace foodorder {

/// The services, by name.
inline constexpr std::array<const char*, 4> rest_services = {"order", "fraud", "notification", "audit"};

/// The databases of the services that this process runs; null for one that runs in another. They share their signals.
struct RestStores {
  std::unique_ptr<database::ServiceStore> order;
  std::unique_ptr<database::ServiceStore> fraud;
  std::unique_ptr<database::ServiceStore> notification;
  std::unique_ptr<database::ServiceStore> audit;
};

struct RestOptions {
  bool accept_unchecked = false;  ///< an order that the fraud service cannot check is placed, not refused
  bool outbox = false;            ///< what a service has to tell is told until it is taken
  std::uint64_t seed = 0;         ///< of pauses and faults
  /// Where the services are that run in other processes, by name: those that one of this process calls.
  std::map<std::string, http::Address, std::less<>> elsewhere{};
};

/// Services that call each other over HTTP: order, fraud, notification and audit, each with a database of its own. A
/// service that another one of this process calls has a server of its own. Where some run in other processes, these
/// answer calls at the port of the process.
class RestSystem {
 public:
  /// The services reach each other over `network`; `control_bus` carries module control. All of it outlives the system.
  RestSystem(http::Network& network, Clock& clock, EventBus& control_bus, prometheus::Registry& metrics,
             RestStores stores, const RestOptions& options);
  ~RestSystem();
  RestSystem(const RestSystem&) = delete;
  RestSystem& operator=(const RestSystem&) = delete;

  /// The logs of the services, merged: those of other processes are read over their API. In a process without the order
  /// service it has what the services of this process have written.
  [[nodiscard]] EventBus& bus();
  /// The kinds of modules, with the names and settings of `kinds`, those of the events architecture.
  [[nodiscard]] std::vector<ModuleKind> kinds(std::span<const ModuleKind> kinds);
  /// The calls, the services, and the jobs of the notification service.
  [[nodiscard]] std::vector<http::Route> routes();
  /// Follows the arrows of other processes, until stop().
  Task<> run();
  void stop();
  /// The arrows of this process, as `GET /api/calls` shows them.
  [[nodiscard]] json::array calls();
  /// What the page shows of them: {calls, untold, services}.
  Task<json::object> snapshot();
  Task<> update_metrics();
  /// Adds to the body of `/readyz` the services that this process calls in others, and gives why it is not ready for
  /// them; empty if it is.
  Task<std::string> add_readiness(json::object& body);

 private:
  struct Parts;

  std::shared_ptr<Parts> parts_;
};

}  // namespace foodorder
