#include "to_record.hpp"

namespace foodorder::kafka {

namespace {

std::optional<std::string_view> to_view(const void* bytes, std::size_t size) {
  if (!bytes) return {};
  return std::string_view(static_cast<const char*>(bytes), size);
}

}  // namespace

Position position_of(const rd_kafka_message_t& message) {
  return Position(TopicPartition(rd_kafka_topic_name(message.rkt), message.partition), message.offset);
}

Timestamp timestamp_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t millis = rd_kafka_message_timestamp(&message, &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? Timestamp() : from_unix_millis(millis);
}

std::shared_ptr<const Record> to_record(const rd_kafka_message_t& message) {
  auto record = std::make_shared<Record>(to_view(message.key, message.key_len), to_view(message.payload, message.len));
  record->timestamp = timestamp_of(message);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    record->headers.add(name, to_view(value, size));
  return record;
}

}  // namespace foodorder::kafka
