#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"

namespace foodorder::inspector {

json::object to_json(const TopicDescription& topic);
json::object to_json(const GroupDescription& group);

}  // namespace foodorder::inspector
