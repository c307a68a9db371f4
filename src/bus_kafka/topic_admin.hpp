#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

namespace foodorder::kafka {

class MockCluster;

// As of Admin; all of them block.

Result<void> ensure_topics(rd_kafka_t* rk, MockCluster* mock, const std::vector<TopicSpec>& topics);
/// What a topic description asks of a broker beside its partitions.
struct Details {
  bool settings = true;  ///< not of a mock cluster
  bool sizes = true;     ///< not over an encrypted or authenticated connection
};
Result<std::vector<TopicDescription>> describe_topics(rd_kafka_t* rk, Details details);

}  // namespace foodorder::kafka
