#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <vector>

namespace foodorder::inspector {

/// `GET /api/bus/dlq`: dead letters by reason. `bus` outlives the routes.
std::vector<http::Route> dead_letter_routes(EventBus& bus);

}  // namespace foodorder::inspector
