#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace foodorder {

/// The whole of `text` as a decimal number; nothing where it is anything else, or out of the type's range.
template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
  Number number{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return {};
  return number;
}

}  // namespace foodorder
