#pragma once

#include "handles.hpp"

#include <algorithm>
#include <boost/endian/conversion.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// Kafka's protocol for the few requests that librdkafka does not have, in plain text. Blocking: not for the loop.

namespace foodorder::kafka {

template <class T>
void put(std::string& bytes, T value) {
  boost::endian::native_to_big_inplace(value);
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

/// Reads Kafka's primitive types; after the end of the bytes, zeros.
class WireReader {
 public:
  explicit WireReader(std::string_view bytes) : bytes_(bytes) {}

  template <class T>
  T number() {
    T value{};
    const std::string_view taken = take(sizeof value);
    if (taken.size() == sizeof value) std::copy_n(taken.data(), sizeof value, reinterpret_cast<char*>(&value));
    return boost::endian::big_to_native(value);
  }
  std::string_view take(std::size_t count) {
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view text() {
    const auto size = number<std::int16_t>();
    return take(size < 0 ? 0 : static_cast<std::size_t>(size));
  }

  // Of flexible versions (KIP-482): sizes are one more than they say, 0 for null.
  std::uint32_t varint() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 35 && more(); shift += 7) {
      const auto byte = number<std::uint8_t>();
      value |= static_cast<std::uint32_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  std::uint32_t compact_size() { return std::max(varint(), 1U) - 1; }
  std::string_view compact_text() { return take(compact_size()); }
  void skip_tags() {
    for (auto left = varint(); left > 0 && more(); --left) {
      varint();
      take(varint());
    }
  }

  [[nodiscard]] bool more() const noexcept { return !bytes_.empty(); }
  [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

 private:
  std::string_view bytes_;
};

/// Sends one request (its header and body) and gives the answer with its header; nothing where the broker gives none.
std::optional<std::string> exchange(const std::string& host, int port, std::string_view request);

/// The brokers, as librdkafka's metadata names them; null where there is none.
Metadata brokers_of(rd_kafka_t* rk);

}  // namespace foodorder::kafka
