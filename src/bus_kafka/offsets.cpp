#include "offsets.hpp"

#include "errors.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>
#include <thread>

namespace foodorder::kafka {

namespace {

/// The first error of a call or of one of its partitions.
rd_kafka_resp_err_t first_error(rd_kafka_resp_err_t of_call, const PartitionList& list) {
  if (of_call != RD_KAFKA_RESP_ERR_NO_ERROR) return of_call;
  for (const auto& element : Elements(list.get()))
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) return element.err;
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

/// Leaders move, and a topic's partitions begin to work a moment after it was made.
bool may_pass(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || error == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART || error == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE ||
         error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

/// Asks for the offsets at that time, in milliseconds, or at RD_KAFKA_OFFSET_BEGINNING or _END: one request a broker.
Result<PartitionList> offsets_at(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions, std::int64_t when) {
  constexpr int wait_ms = 20;
  for (int left = call_timeout_ms / wait_ms;; --left) {
    PartitionList list = to_list(partitions);
    if (partitions.empty()) return list;
    for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = when;
    const auto error = first_error(rd_kafka_offsets_for_times(rk, list.get(), call_timeout_ms), list);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR) return list;
    if (!may_pass(error) || left == 0) return error_of(error, "offsets");
    std::this_thread::sleep_for(std::chrono::milliseconds(wait_ms));
  }
}

bool is_internal(std::string_view topic) { return topic.starts_with("__"); }

Result<void> add_counts(rd_kafka_t* rk, rd_kafka_topic_t* only, std::map<std::string, std::int32_t>& counts) {
  const struct rd_kafka_metadata* answer = nullptr;
  const auto error = rd_kafka_metadata(rk, only ? 0 : 1, only, &answer, call_timeout_ms);
  const Metadata metadata(answer);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(error, "metadata");
  for (int i = 0; i < metadata->topic_cnt; ++i) {
    const auto& topic = metadata->topics[i];
    if (topic.err == RD_KAFKA_RESP_ERR_NO_ERROR && topic.partition_cnt > 0 && !is_internal(topic.topic))
      counts.emplace(topic.topic, topic.partition_cnt);
  }
  return {};
}

}  // namespace

Result<std::map<std::string, std::int32_t>> partition_counts(rd_kafka_t* rk, const std::vector<std::string>& topics) {
  // All topics at once: asking for one by its name would have some brokers make it.
  std::map<std::string, std::int32_t> counts;
  const auto asked = add_counts(rk, nullptr, counts);
  if (!asked) return asked.error();
  if (!topics.empty())
    std::erase_if(counts, [&](const auto& entry) { return std::ranges::find(topics, entry.first) == topics.end(); });
  return counts;
}

std::vector<TopicPartition> partitions_of(const std::map<std::string, std::int32_t>& counts) {
  std::vector<TopicPartition> partitions;
  for (const auto& [topic, count] : counts)
    for (std::int32_t i = 0; i < count; ++i) partitions.emplace_back(topic, i);
  return partitions;
}

Result<std::vector<TopicPartition>> check_partitions(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions) {
  std::vector<std::string> names;
  for (const TopicPartition& tp : partitions) names.push_back(tp.topic);
  const auto counts = partition_counts(rk, names);
  if (!counts) return counts.error();
  for (const TopicPartition& tp : partitions) {
    const auto found = counts->find(tp.topic);
    if (found == counts->end() || tp.partition < 0 || tp.partition >= found->second)
      return Error(Errc::not_found, fmt::format("no partition {}-{}", tp.topic, tp.partition));
  }
  return partitions;
}

Result<std::map<TopicPartition, Range>> ranges(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions) {
  const auto starts = offsets_at(rk, partitions, RD_KAFKA_OFFSET_BEGINNING);
  if (!starts) return starts.error();
  const auto ends = offsets_at(rk, partitions, RD_KAFKA_OFFSET_END);
  if (!ends) return ends.error();
  std::map<TopicPartition, Range> all;
  for (const auto& element : Elements(starts->get())) all[to_partition(element)].start = element.offset;
  for (const auto& element : Elements(ends->get())) all[to_partition(element)].end = element.offset;
  return all;
}

Result<std::vector<Position>> resolve(rd_kafka_t* rk, const std::vector<TopicPartition>& partitions, Where where) {
  const auto there = ranges(rk, partitions);
  if (!there) return there.error();
  std::map<TopicPartition, std::int64_t> at_time;
  if (where.kind == Where::Kind::time) {
    const auto found = offsets_at(rk, partitions, where.value);
    if (!found) return found.error();
    for (const auto& element : Elements(found->get())) at_time[to_partition(element)] = element.offset;
  }
  std::vector<Position> places;
  for (const TopicPartition& tp : partitions) {
    const Range range = there->at(tp);
    std::int64_t offset = range.start;
    if (where.kind == Where::Kind::end) offset = range.end;
    if (where.kind == Where::Kind::offset) offset = std::clamp(where.value, range.start, range.end);
    if (where.kind == Where::Kind::time) offset = at_time.at(tp) < 0 ? range.end : at_time.at(tp);
    places.emplace_back(tp, offset);
  }
  return places;
}

}  // namespace foodorder::kafka
