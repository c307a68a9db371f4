#pragma once

#include "foodorder/bus/record.hpp"
#include "handles.hpp"

#include <cstdint>
#include <map>

namespace foodorder::kafka {

/// Bytes on disk of each partition, of its largest replica. librdkafka has no such request: this asks the brokers by
/// Kafka's protocol (DescribeLogDirs, KIP-113), in plain text. Nothing of a broker that does not take that. Blocks.
std::map<TopicPartition, std::int64_t> log_sizes(rd_kafka_t* rk);

}  // namespace foodorder::kafka
