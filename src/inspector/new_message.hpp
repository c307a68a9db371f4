#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "message_query.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace foodorder::inspector {

/// What a body with messages has at most: one of 1 MiB, which is what brokers take by default, as it is exported.
inline constexpr std::size_t messages_max_bytes = 4 << 20;
inline constexpr std::size_t messages_max = 10'000;  ///< of one body

/// Reads one message that is to be written (web/openapi.json, NewMessage). `prefix` stands before the names of fields
/// in `errors`: "line 3: " of several.
ProducerRecord read_message(const json::value& message, const std::string& topic, std::int32_t partitions,
                            const std::string& prefix, Problems& errors);

/// Messages of a body, and where each of them stood in it.
struct NewMessages {
  std::vector<ProducerRecord> records;
  std::vector<std::size_t> lines;
  bool too_many = false;  ///< there are more than `messages_max`
};

/// Reads a body of NDJSON, which outlives the task; empty lines are passed over.
Task<NewMessages> read_messages(std::string_view body, std::string topic, std::int32_t partitions, Problems& errors);

}  // namespace foodorder::inspector
