#pragma once

#include "handles.hpp"

namespace foodorder::kafka {

/// A message without an error, copied.
std::shared_ptr<const Record> to_record(const rd_kafka_message_t& message);

/// Of a message, or of the end of a partition.
Position position_of(const rd_kafka_message_t& message);

/// Zero where it has none.
Timestamp timestamp_of(const rd_kafka_message_t& message);

}  // namespace foodorder::kafka
