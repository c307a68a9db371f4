#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <vector>

namespace foodorder::inspector {

/// `GET /api/bus/topics` and `GET /api/bus/topics/{topic}`. `bus` and `clock` outlive the routes.
std::vector<http::Route> topic_routes(EventBus& bus, Clock& clock);

}  // namespace foodorder::inspector
