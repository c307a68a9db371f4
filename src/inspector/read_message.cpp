#include "read_message.hpp"

#include "foodorder/base/base64.hpp"

namespace foodorder::inspector {

namespace {

std::string text_of(const json::value& value) { return std::string(std::string_view(value.as_string())); }

}  // namespace

std::optional<std::string> bytes_of(const json::value& value) {
  if (value.is_null()) return {};
  const std::string text = text_of(value.at("text"));
  return value.at("encoding").as_string() == "base64" ? from_base64(text).value() : text;
}

ConsumerRecord record_from(const json::value& message) {
  auto record = std::make_shared<Record>(bytes_of(message.at("key")), bytes_of(message.at("value")));
  for (const json::value& header : message.at("headers").as_array())
    record->headers.add(text_of(header.at("name")), bytes_of(header.at("value")));
  record->timestamp = parse_iso(text_of(message.at("timestamp"))).value_or(Timestamp());
  const TopicPartition tp(text_of(message.at("topic")), message.at("partition").to_number<std::int32_t>());
  return ConsumerRecord(Position(tp, message.at("offset").to_number<std::int64_t>()), std::move(record));
}

}  // namespace foodorder::inspector
