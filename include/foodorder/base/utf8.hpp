#pragma once

#include <string_view>

namespace foodorder {

/// True for well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;

}  // namespace foodorder
