#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"

namespace foodorder::inspector {

json::object to_json(const TopicDescription& topic);
json::object to_json(const GroupDescription& group);

/// Key, headers and value as text where they are UTF-8 (`"encoding": "utf-8"`), else as base64; a value that is JSON
/// is given as JSON, too.
json::object to_json(const ConsumerRecord& record);

}  // namespace foodorder::inspector
