#pragma once

#include "foodorder/base/result.hpp"

#include <librdkafka/rdkafka.h>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::kafka {

inline constexpr std::string_view consumer_groups = "consumer";

/// A group as a broker lists it.
struct ListedGroup {
  std::string name;
  std::string type;   ///< "consumer", or the protocol of its members; "unknown" where the broker does not tell
  std::string state;  ///< in Kafka's words; "Unknown" for one that librdkafka has no word for
};

/// All groups by name, those of other types than consumer groups among them. Blocks.
Result<std::vector<ListedGroup>> list_groups(rd_kafka_t* rk);

}  // namespace foodorder::kafka
