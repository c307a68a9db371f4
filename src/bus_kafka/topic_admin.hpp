#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

namespace foodorder::kafka {

class MockCluster;

// As of Admin; all of them block.

Result<void> ensure_topics(rd_kafka_t* rk, MockCluster* mock, const std::vector<TopicSpec>& topics);
/// Without settings where the broker cannot tell them (`with_settings`).
Result<std::vector<TopicDescription>> describe_topics(rd_kafka_t* rk, bool with_settings);

}  // namespace foodorder::kafka
