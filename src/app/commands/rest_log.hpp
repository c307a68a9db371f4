#pragma once

#include "client.hpp"
#include "foodorder/bus/record.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace foodorder::app {

using TakeRecord = std::function<void(ConsumerRecord record)>;

/// How far a topic has been read, its partitions' offsets added up.
struct RestLog {
  bool compacted = false;
  std::int64_t start_offset = 0;
  std::int64_t next_offset = 0;
  std::int64_t end_offset = 0;  ///< as it was when reading began
  std::int64_t records = 0;     ///< read from before that end: fewer than there are offsets once compaction took some
};

/// Reads a topic of a running program from its beginning to its present end, each partition in the order of its
/// offsets. `progress` is called before each page. Throws what Client throws.
RestLog read_log_over_rest(Client& client, const std::string& topic, const TakeRecord& take,
                           const std::function<void(const RestLog& reached)>& progress);

}  // namespace foodorder::app
