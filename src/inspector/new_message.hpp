#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "message_query.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace foodorder::inspector {

/// Reads one message that is to be written (web/openapi.json, NewMessage). `prefix` stands before the names of fields
/// in `errors`: "line 3: " of several.
ProducerRecord read_message(std::string_view text, const std::string& topic, std::int32_t partitions,
                            const std::string& prefix, Problems& errors);

/// The same of a body of NDJSON; empty lines are passed over. `lines` gets the number of each message's line.
std::vector<ProducerRecord> read_messages(std::string_view body, const std::string& topic, std::int32_t partitions,
                                          std::vector<std::size_t>& lines, Problems& errors);

}  // namespace foodorder::inspector
