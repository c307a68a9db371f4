#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

namespace foodorder::kafka {

// As of Admin; all of them block.

Result<std::vector<GroupDescription>> describe_groups(rd_kafka_t* rk);
Result<void> reset_offsets(rd_kafka_t* rk, const std::string& group, const std::vector<Position>& next_offsets);
Result<void> delete_group(rd_kafka_t* rk, const std::string& group);

}  // namespace foodorder::kafka
