#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <string_view>
#include <vector>

namespace foodorder {

/// The settings that a TopicSpec may have, by Kafka's names.
std::vector<std::string_view> topic_setting_names();

/// That `topic` has no others. Errors: invalid_argument, one line that names it and what is allowed.
Result<void> check_topic_settings(const TopicSpec& topic);

}  // namespace foodorder
