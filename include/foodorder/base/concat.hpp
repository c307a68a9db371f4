#pragma once

#include <fmt/format.h>
#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace foodorder {

namespace detail {

inline std::string_view text_of(std::string_view text) noexcept { return text; }
inline std::string_view text_of(const fmt::format_int& number) noexcept { return {number.data(), number.size()}; }

}  // namespace detail

/// Appends texts and whole numbers (`fmt::format_int(n)`), one after the other; none of them lies in `out`. For what is
/// written thousands of times a second: a tenth of what fmt::format_to() takes with an appending iterator.
template <class... Parts>
void append(std::string& out, const Parts&... parts) {
  const std::size_t before = out.size();
  out.resize(before + (detail::text_of(parts).size() + ...));
  char* at = out.data() + before;
  for (const std::string_view part : {detail::text_of(parts)...}) at = std::copy(part.begin(), part.end(), at);
}

/// The same as a new string, in one allocation.
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  append(out, parts...);
  return out;
}

}  // namespace foodorder
