#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "reading.hpp"

#include <map>
#include <string>

namespace foodorder::fraud {

/// Finds where to begin to read `topic` so that every window is complete from the group's committed offsets on:
/// `history` before the oldest in the first page of uncommitted records of each partition. `owned` are committed
/// offsets that are known better.
Task<Result<ReadingStart>> find_start(Admin& admin, Clock& clock, std::string topic, std::string group,
                                      std::map<TopicPartition, std::int64_t> owned, Duration history);

}  // namespace foodorder::fraud
