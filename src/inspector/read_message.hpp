#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <optional>
#include <string>

// The messages of the API for those who read them from another program.

namespace foodorder::inspector {

/// A record of the API. Throws std::exception on other JSON.
ConsumerRecord record_from(const json::value& message);

/// Bytes as the API has them: {"encoding": "utf-8"|"base64", "text": ...}, or null.
std::optional<std::string> bytes_of(const json::value& value);

}  // namespace foodorder::inspector
