#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <vector>

namespace foodorder::inspector {

/// `POST /api/bus/topics/{topic}/messages` and `.../compact`. `bus` and `clock` outlive the routes.
std::vector<http::Route> produce_routes(EventBus& bus, Clock& clock);

}  // namespace foodorder::inspector
