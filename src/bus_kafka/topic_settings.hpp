#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

namespace foodorder::kafka {

/// As Admin::topic_settings. The value of a secret is empty. Blocks.
Result<std::vector<TopicSetting>> topic_settings(rd_kafka_t* rk, const std::string& topic);

}  // namespace foodorder::kafka
