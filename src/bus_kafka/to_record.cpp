#include "to_record.hpp"

namespace foodorder::kafka {

namespace {

std::optional<std::string> to_text(const void* bytes, std::size_t size) {
  if (!bytes) return {};
  return std::string(static_cast<const char*>(bytes), size);
}

}  // namespace

Timestamp timestamp_of(const rd_kafka_message_t& message) {
  rd_kafka_timestamp_type_t type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
  const std::int64_t millis = rd_kafka_message_timestamp(&message, &type);
  return type == RD_KAFKA_TIMESTAMP_NOT_AVAILABLE ? Timestamp() : from_unix_millis(millis);
}

std::shared_ptr<const Record> to_record(const rd_kafka_message_t& message) {
  auto record = std::make_shared<Record>(to_text(message.key, message.key_len), to_text(message.payload, message.len));
  record->timestamp = timestamp_of(message);
  rd_kafka_headers_t* headers = nullptr;
  if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR) return record;
  record->headers.reserve(rd_kafka_header_cnt(headers));
  const char* name = nullptr;
  const void* value = nullptr;
  std::size_t size = 0;
  for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
    record->headers.emplace_back(name, to_text(value, size));
  return record;
}

}  // namespace foodorder::kafka
