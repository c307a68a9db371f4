#include "log_sizes.hpp"

#include "wire.hpp"

#include <algorithm>
#include <string>

namespace foodorder::kafka {

namespace {

using Sizes = std::map<TopicPartition, std::int64_t>;

/// DescribeLogDirs, version 1, of all topics: header (key, version, correlation, no client id), no topics.
std::string request() {
  constexpr std::int16_t describe_log_dirs = 35;
  std::string bytes;
  put<std::int16_t>(bytes, describe_log_dirs);
  put<std::int16_t>(bytes, 1);
  put<std::int32_t>(bytes, 0);
  put<std::int16_t>(bytes, -1);
  put<std::int32_t>(bytes, -1);
  return bytes;
}

void read_partitions(WireReader& reader, const std::string& topic, Sizes& sizes) {
  for (auto left = reader.number<std::int32_t>(); left > 0 && reader.more(); --left) {
    const auto partition = reader.number<std::int32_t>();
    const auto size = reader.number<std::int64_t>();
    reader.number<std::int64_t>();  // how far a replica that moves is behind
    const bool moves = reader.number<std::int8_t>() != 0;
    std::int64_t& largest = sizes[TopicPartition(topic, partition)];
    if (!moves) largest = std::max(largest, size);
  }
}

void read_answer(std::string_view bytes, Sizes& sizes) {
  WireReader reader(bytes);
  reader.number<std::int32_t>();  // correlation
  reader.number<std::int32_t>();  // throttle time
  for (auto directories = reader.number<std::int32_t>(); directories > 0 && reader.more(); --directories) {
    reader.number<std::int16_t>();  // error: then without topics
    reader.text();
    for (auto topics = reader.number<std::int32_t>(); topics > 0 && reader.more(); --topics) {
      const std::string topic(reader.text());
      read_partitions(reader, topic, sizes);
    }
  }
}

}  // namespace

std::map<TopicPartition, std::int64_t> log_sizes(rd_kafka_t* rk) {
  Sizes sizes;
  const Metadata metadata = brokers_of(rk);
  for (int i = 0; metadata && i < metadata->broker_cnt; ++i)
    if (const auto answer = exchange(metadata->brokers[i].host, metadata->brokers[i].port, request()))
      read_answer(*answer, sizes);
  return sizes;
}

}  // namespace foodorder::kafka
