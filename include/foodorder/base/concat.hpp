#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace foodorder {

namespace detail {

inline std::string_view text_of(std::string_view text) noexcept { return text; }
/// A literal: its size is known, where a pointer would be searched for its end.
template <std::size_t size>
std::string_view text_of(const char (&literal)[size]) noexcept {
  return {literal, size - 1};
}
inline std::string_view text_of(const fmt::format_int& number) noexcept { return {number.data(), number.size()}; }

}  // namespace detail

/// Appends texts and whole numbers (`fmt::format_int(n)`), one after the other; none of them lies in `out`. For what is
/// written thousands of times a second: a tenth of what fmt::format_to() takes with an appending iterator.
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  const std::array<std::string_view, sizeof...(Parts)> texts = {detail::text_of(parts)...};
  std::size_t size = out.size();
  for (const std::string_view text : texts) size += text.size();
  const std::size_t before = out.size();
  out.resize(size);
  char* at = out.data() + before;
  for (const std::string_view text : texts) at = std::copy(text.begin(), text.end(), at);
}

/// The same as a new string, in one allocation.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  append(out, parts...);
  return out;
}

}  // namespace foodorder
