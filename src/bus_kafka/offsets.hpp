#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

// Questions about offsets and partitions to a broker. All of them block: not for the loop.

namespace foodorder::kafka {

/// How long one of these calls waits for a broker.
constexpr int call_timeout_ms = 5000;

/// Partition counts by topic; topics that are not there are left out. No names: all topics but internal ones.
Result<std::map<std::string, std::int32_t>> partition_counts(rd_kafka_t* rk, const std::vector<std::string>& topics);

/// All of them.
std::vector<TopicPartition> partitions_of(const std::map<std::string, std::int32_t>& counts);

/// The partitions of these topics, not_found if one is not there.
Result<std::vector<TopicPartition>> check_partitions(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions);

/// A log's first offset, and the one that its next record will get.
struct Range {
  std::int64_t start = 0;
  std::int64_t end = 0;
};

/// Of partitions that are there.
Result<std::map<TopicPartition, Range>> ranges(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions);

/// Offsets are clamped into the log; a time after the last record is the end.
Result<std::vector<Position>> resolve(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions, Where where);

}  // namespace foodorder::kafka
