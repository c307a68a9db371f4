#include "foodorder/bus/record.hpp"

#include <algorithm>

namespace foodorder {

Record::Record(Bytes key, Bytes value, Headers record_headers)
    : headers(std::move(record_headers)),
      bytes_(std::make_unique_for_overwrite<char[]>(key.value_or("").size() + value.value_or("").size())),
      key_size_(key ? static_cast<std::uint32_t>(key->size()) : none),
      value_size_(value ? static_cast<std::uint32_t>(value->size()) : none) {
  char* at = bytes_.get();
  if (key) at = std::copy(key->begin(), key->end(), at);
  if (value) std::copy(value->begin(), value->end(), at);
}

Record::Record(const Record& other) : Record(other.key(), other.value(), other.headers) { timestamp = other.timestamp; }

Record::Record(Record&& other) noexcept
    : headers(std::move(other.headers)),
      timestamp(other.timestamp),
      bytes_(std::move(other.bytes_)),
      key_size_(std::exchange(other.key_size_, none)),
      value_size_(std::exchange(other.value_size_, none)) {}

Record& Record::operator=(Record&& other) noexcept {
  headers = std::move(other.headers);
  timestamp = other.timestamp;
  bytes_ = std::move(other.bytes_);
  key_size_ = std::exchange(other.key_size_, none);
  value_size_ = std::exchange(other.value_size_, none);
  return *this;
}

bool Record::operator==(const Record& other) const noexcept {
  return key() == other.key() && value() == other.value() && headers == other.headers && timestamp == other.timestamp;
}

std::size_t size_in_bytes(const Record& record) noexcept {
  // What a record and its bookkeeping cost in memory beside its bytes.
  constexpr std::size_t overhead = 256;
  return overhead + record.key().value_or("").size() + record.value().value_or("").size() +
         record.headers.size_in_bytes();
}

}  // namespace foodorder
