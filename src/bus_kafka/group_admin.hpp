#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

namespace foodorder::kafka {

// As of Admin; all of them block. `rk` is a consumer: Coordinators says why.

Result<std::vector<GroupDescription>> describe_groups(rd_kafka_t* rk);
/// The committed offsets of each of these groups, in their order.
using GroupOffsets = std::map<TopicPartition, std::int64_t>;
Result<std::vector<GroupOffsets>> committed_offsets(rd_kafka_t* rk, const std::vector<std::string>& groups);
Result<void> reset_offsets(rd_kafka_t* rk, const std::string& group, const std::vector<Position>& next_offsets);
Result<void> delete_group(rd_kafka_t* rk, const std::string& group);

}  // namespace foodorder::kafka
