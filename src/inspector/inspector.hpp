#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <vector>

namespace foodorder {

/// `GET /api/bus/...`: what is on the bus, over either backend. `bus` outlives the routes.
std::vector<http::Route> inspector_routes(EventBus& bus);

}  // namespace foodorder
