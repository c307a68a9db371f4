#include "rest_log.hpp"

#include "inspector/read_message.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <vector>

namespace foodorder::app {

namespace {

constexpr int page_max_records = 500;

/// A page is in the order of time, over all partitions: here it is of one, in the order of offsets.
std::vector<ConsumerRecord> read_page(Client& client, const std::string& topic, std::int32_t partition,
                                      std::int64_t offset) {
  const json::value page =
      client.get(fmt::format("/api/bus/topics/{}/messages?partition={}&from={}&limit={}&allHeaders=1", topic, partition,
                             offset, page_max_records));
  std::vector<ConsumerRecord> records;
  for (const json::value& message : page.at("messages").as_array()) records.push_back(inspector::record_from(message));
  std::sort(records.begin(), records.end(),
            [](const ConsumerRecord& a, const ConsumerRecord& b) { return a.position < b.position; });
  return records;
}

}  // namespace

RestLog read_log_over_rest(Client& client, const std::string& topic, const TakeRecord& take,
                           const std::function<void(const RestLog& reached)>& progress) {
  const json::value described = client.get("/api/bus/topics/" + topic);
  const auto offset_at = [](const json::value& partition, const char* name) {
    return partition.at(name).to_number<std::int64_t>();
  };
  RestLog log;
  log.compacted = described.at("cleanupPolicy") == "compact";
  for (const json::value& partition : described.at("partitions").as_array()) {
    log.start_offset += offset_at(partition, "startOffset");
    log.end_offset += offset_at(partition, "endOffset");
  }
  for (const json::value& partition : described.at("partitions").as_array()) {
    const auto number = partition.at("partition").to_number<std::int32_t>();
    const std::int64_t read_before = log.next_offset;
    const std::int64_t end = offset_at(partition, "endOffset");
    for (std::int64_t offset = offset_at(partition, "startOffset"); offset < end;) {
      log.next_offset = read_before + offset;
      progress(log);
      std::vector<ConsumerRecord> records = read_page(client, topic, number, offset);
      if (records.empty()) break;
      offset = records.back().position.offset + 1;
      for (ConsumerRecord& record : records) {
        if (record.position.offset < end) ++log.records;
        take(std::move(record));
      }
    }
    log.next_offset = read_before + end;
  }
  return log;
}

}  // namespace foodorder::app
