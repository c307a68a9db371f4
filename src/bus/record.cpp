#include "foodorder/bus/record.hpp"

#include "foodorder/base/concat.hpp"

#include <array>

namespace foodorder {

void Headers::add(const Header& header) {
  const std::string_view value = header.value.value_or(std::string_view());
  const std::array<Size, 2> sizes = {static_cast<Size>(header.name.size()),
                                     header.value ? static_cast<Size>(value.size()) : -1};
  static_assert(sizeof(sizes) == prefix_bytes);
  append(bytes_, std::string_view(reinterpret_cast<const char*>(sizes.data()), sizeof(sizes)), header.name, value);
  ++count_;
}

void Headers::replace(std::string_view name, std::optional<std::string_view> value) {
  Headers replaced;
  for (const Header& header : *this) replaced.add(header.name, header.name == name ? value : header.value);
  *this = std::move(replaced);
}

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) noexcept {
  std::optional<std::string_view> last;
  for (const Header& header : headers)
    if (header.name == name) last = header.value;
  return last;
}

std::size_t size_in_bytes(const Record& record) noexcept {
  // What a record and its bookkeeping cost in memory beside its bytes.
  constexpr std::size_t overhead = 256;
  return overhead + (record.key ? record.key->size() : 0) + (record.value ? record.value->size() : 0) +
         record.headers.size_in_bytes();
}

}  // namespace foodorder
