#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <vector>

namespace foodorder::inspector {

/// `GET /api/bus/groups`, its stream, and `GET /api/bus/groups/{group}`. `bus` and `clock` outlive the routes.
std::vector<http::Route> group_routes(EventBus& bus, Clock& clock);

}  // namespace foodorder::inspector
