#include "foodorder/bus/record.hpp"

#include <array>

namespace foodorder {

void Headers::add(std::initializer_list<Header> list) {
  const std::size_t before = bytes_.size();
  std::size_t size = before;
  for (const Header& header : list)
    size += prefix_bytes + header.name.size() + (header.value ? header.value->size() : 0);
  bytes_.resize(size);
  char* at = bytes_.data() + before;
  for (const Header& header : list) {
    const std::array<Size, 2> sizes = {static_cast<Size>(header.name.size()),
                                       header.value ? static_cast<Size>(header.value->size()) : -1};
    static_assert(sizeof(sizes) == prefix_bytes);
    std::memcpy(at, sizes.data(), sizeof(sizes));
    at = std::copy(header.name.begin(), header.name.end(), at + sizeof(sizes));
    if (header.value) at = std::copy(header.value->begin(), header.value->end(), at);
  }
  count_ += list.size();
}

void Headers::replace(std::string_view name, std::optional<std::string_view> value) {
  Headers replaced;
  for (const Header& header : *this) replaced.add(header.name, header.name == name ? value : header.value);
  *this = std::move(replaced);
}

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) noexcept {
  Headers::Iterator last = headers.end();
  for (auto header = headers.begin(); header != headers.end(); ++header)
    if (header.has_name(name)) last = header;
  return last == headers.end() ? std::nullopt : (*last).value;
}

std::size_t size_in_bytes(const Record& record) noexcept {
  // What a record and its bookkeeping cost in memory beside its bytes.
  constexpr std::size_t overhead = 256;
  return overhead + (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0) +
         record.headers.size_in_bytes();
}

}  // namespace foodorder
