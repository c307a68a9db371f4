#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <vector>

namespace foodorder::inspector {

/// `POST /api/bus/groups/{group}/offsets`. `bus` and `clock` outlive the routes.
std::vector<http::Route> reset_routes(EventBus& bus, Clock& clock);

}  // namespace foodorder::inspector
