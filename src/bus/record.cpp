#include "foodorder/bus/record.hpp"

namespace foodorder {

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) noexcept {
  for (auto header = headers.rbegin(); header != headers.rend(); ++header) {
    if (header->name != name) continue;
    if (!header->value) return {};
    return *header->value;
  }
  return {};
}

std::size_t size_in_bytes(const Record& record) noexcept {
  // What a record and its bookkeeping cost in memory beside its bytes.
  constexpr std::size_t record_overhead = 160;
  constexpr std::size_t header_overhead = 72;
  std::size_t bytes =
      record_overhead + (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0);
  for (const Header& header : record.headers)
    bytes += header_overhead + header.name.size() + (header.value ? header.value->size() : 0);
  return bytes;
}

}  // namespace foodorder
