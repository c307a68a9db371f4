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
/// Whether these topics are there and as asked for; `partitions` are those of all topics. Errors: not_found,
/// topic_mismatch. Blocks.
Result<void> check_topics(rd_kafka_t* rk, bool with_settings, const std::vector<TopicSpec>& topics,
                          const std::map<std::string, std::int32_t>& partitions);

Result<std::vector<TopicDescription>> describe_topics(rd_kafka_t* rk, Details details);

}  // namespace foodorder::kafka
