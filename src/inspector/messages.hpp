#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <vector>

namespace foodorder::inspector {

/// `GET /api/bus/topics/{topic}/messages`. `bus` and `clock` outlive the routes.
std::vector<http::Route> message_routes(EventBus& bus, Clock& clock);

/// One topic as it is now. Errors: not_found.
Task<Result<TopicDescription>> describe_topic(EventBus& bus, std::string name);

}  // namespace foodorder::inspector
