#pragma once

#include <cstddef>
#include <string_view>

namespace foodorder {

/// The length of the well-formed UTF-8 sequence at the front of `text`, which is not empty (Unicode 15, table 3-7); 0
/// if none is there.
std::size_t utf8_length(std::string_view text) noexcept;

/// True for well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;

}  // namespace foodorder
