#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <vector>

namespace foodorder {

/// `/api/bus/...`: what is on the bus, over either backend. `bus` and `clock` outlive the routes.
std::vector<http::Route> inspector_routes(EventBus& bus, Clock& clock);

}  // namespace foodorder
