#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "http/server.hpp"
#include "runtime/control.hpp"

#include <functional>
#include <string>
#include <vector>

namespace prometheus {
class Registry;
}

// The routes that belong to the process, not to a module.

namespace foodorder::app {

/// `/api/modules...`, `/api/stats`, `/api/fraud`: by the statuses on the bus, whichever process they come from.
/// `supervisor` knows the kinds and what their settings allow.
std::vector<http::Route> module_routes(ControlPlane& control, const Supervisor& supervisor);

/// What readiness and metrics look at. All of it outlives the routes.
struct SystemParts {
  EventBus& bus;
  Clock& clock;
  Supervisor& supervisor;
  ControlPlane& control;
  prometheus::Registry& metrics;
  std::function<std::string()> trouble;  ///< why the process is not ready yet; empty when it is
  std::function<const http::ServerStats*()> server_stats;
  std::function<std::vector<std::string>()> links;  ///< of the dashboard, for other machines; none on loopback
  std::function<Task<>()> update_metrics{};         ///< brings those up to date that are not set all along
  /// Adds to the body of `/readyz`; gives why the process is not ready for it, empty if it is.
  std::function<Task<std::string>(json::object& body)> add_readiness{};
};

/// `/livez`, `/readyz`, `/metrics`.
std::vector<http::Route> system_routes(SystemParts parts);

/// The page and the contracts (`/openapi.json`, `/asyncapi.json`), embedded in the binary. With a `web_dir`, files that
/// are there come from there, as they are at the time of a request. Throws if there is no page in it.
std::vector<http::Route> asset_routes(const std::string& web_dir);
/// The same with the inspector's page at `/`.
std::vector<http::Route> inspector_asset_routes(const std::string& web_dir);

/// Appends `more` to `routes`.
void append(std::vector<http::Route>& routes, std::vector<http::Route> more);

}  // namespace foodorder::app
