#include "rest_log.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <memory>
#include <vector>

namespace foodorder::app {

namespace {

constexpr int page_max_records = 500;

std::string from_base64(std::string_view text) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t digit = digits.find(c);
    if (digit == std::string_view::npos) break;  // padding
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>((bits >> static_cast<unsigned>(held)) & 0xffU);
  }
  return bytes;
}

std::string text_of(const json::value& value) { return std::string(std::string_view(value.as_string())); }

/// {"encoding": "utf-8"|"base64", "text": ...}, or null.
std::optional<std::string> bytes_of(const json::value& value) {
  if (value.is_null()) return {};
  const std::string text = text_of(value.at("text"));
  return value.at("encoding").as_string() == "base64" ? from_base64(text) : text;
}

ConsumerRecord record_of(const json::value& message) {
  auto record = std::make_shared<Record>(bytes_of(message.at("key")), bytes_of(message.at("value")));
  for (const json::value& header : message.at("headers").as_array())
    record->headers.add(text_of(header.at("name")), bytes_of(header.at("value")));
  record->timestamp = parse_iso(text_of(message.at("timestamp"))).value_or(Timestamp());
  const TopicPartition tp(text_of(message.at("topic")), message.at("partition").to_number<std::int32_t>());
  return ConsumerRecord(Position(tp, message.at("offset").to_number<std::int64_t>()), std::move(record));
}

/// A page is in the order of time, over all partitions: here it is of one, in the order of offsets.
std::vector<ConsumerRecord> read_page(RestClient& client, const std::string& topic, std::int32_t partition,
                                      std::int64_t offset) {
  const json::value page = client
                               .get(fmt::format("/api/bus/topics/{}/messages?partition={}&from={}&limit={}", topic,
                                                partition, offset, page_max_records))
                               .body;
  std::vector<ConsumerRecord> records;
  for (const json::value& message : page.at("messages").as_array()) records.push_back(record_of(message));
  std::sort(records.begin(), records.end(),
            [](const ConsumerRecord& a, const ConsumerRecord& b) { return a.position < b.position; });
  return records;
}

}  // namespace

RestLog read_log_over_rest(RestClient& client, const std::string& topic, const TakeRecord& take,
                           const std::function<void(const RestLog& reached)>& progress) {
  const json::value described = client.get("/api/bus/topics/" + topic).body;
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
