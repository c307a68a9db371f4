#pragma once

#include "foodorder/bus/record.hpp"

#include <librdkafka/rdkafka.h>
#include <memory>
#include <vector>

// librdkafka's objects as owned values, and its partition lists as ours.

namespace foodorder::kafka {

template <auto destroy>
struct Destroy {
  template <class T>
  void operator()(T* object) const noexcept {
    destroy(object);
  }
};

using Conf = std::unique_ptr<rd_kafka_conf_t, Destroy<rd_kafka_conf_destroy>>;
using Queue = std::unique_ptr<rd_kafka_queue_t, Destroy<rd_kafka_queue_destroy>>;
using Event = std::unique_ptr<rd_kafka_event_t, Destroy<rd_kafka_event_destroy>>;
using Topic = std::unique_ptr<rd_kafka_topic_t, Destroy<rd_kafka_topic_destroy>>;
using HeaderList = std::unique_ptr<rd_kafka_headers_t, Destroy<rd_kafka_headers_destroy>>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, Destroy<rd_kafka_error_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t, Destroy<rd_kafka_topic_partition_list_destroy>>;
using Metadata = std::unique_ptr<const struct rd_kafka_metadata, Destroy<rd_kafka_metadata_destroy>>;
using AdminOptions = std::unique_ptr<rd_kafka_AdminOptions_t, Destroy<rd_kafka_AdminOptions_destroy>>;

/// A librdkafka handle. Destroying it blocks: release the last owner off the loop (Client::destroy_off_loop). A
/// consumer that was not closed does not leave its group.
using Handle = std::shared_ptr<rd_kafka_t>;

/// These throw std::runtime_error with librdkafka's words.
Handle make_producer_handle(Conf conf);
Handle make_member_handle(Conf conf);  ///< a consumer that joins a group
Handle make_reader_handle(Conf conf);  ///< a consumer without a group

/// Writes a log line or an error of librdkafka to our log. Every handle may report these events.
void log_event(rd_kafka_event_t* event);

inline int to_millis(std::chrono::microseconds duration) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(duration).count());
}

inline PartitionList make_list(std::size_t capacity) {
  return PartitionList(rd_kafka_topic_partition_list_new(static_cast<int>(capacity)));
}

inline PartitionList to_list(const std::vector<Position>& positions) {
  PartitionList list = make_list(positions.size());
  for (const Position& position : positions)
    rd_kafka_topic_partition_list_add(list.get(), position.tp.topic.c_str(), position.tp.partition)->offset =
        position.offset;
  return list;
}

inline PartitionList to_list(const std::vector<TopicPartition>& partitions) {
  PartitionList list = make_list(partitions.size());
  for (const TopicPartition& tp : partitions)
    rd_kafka_topic_partition_list_add(list.get(), tp.topic.c_str(), tp.partition);
  return list;
}

/// A list as a range of its elements.
struct Elements {
  explicit Elements(const rd_kafka_topic_partition_list_t* partitions) : list(partitions) {}
  [[nodiscard]] const rd_kafka_topic_partition_t* begin() const { return list ? list->elems : nullptr; }
  [[nodiscard]] const rd_kafka_topic_partition_t* end() const { return list ? list->elems + list->cnt : nullptr; }

  const rd_kafka_topic_partition_list_t* list;
};

inline TopicPartition to_partition(const rd_kafka_topic_partition_t& element) {
  return TopicPartition(element.topic, element.partition);
}

inline std::vector<TopicPartition> to_partitions(const rd_kafka_topic_partition_list_t* list) {
  std::vector<TopicPartition> partitions;
  for (const auto& element : Elements(list)) partitions.push_back(to_partition(element));
  return partitions;
}

}  // namespace foodorder::kafka
