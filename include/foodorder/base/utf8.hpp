#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Unicode text, by utf8proc. All but the first two take well-formed UTF-8.

namespace foodorder {

/// The length in bytes of the well-formed UTF-8 sequence at the front of `text`, which is not empty; 0 if there is
/// none.
std::size_t utf8_length(std::string_view text) noexcept;

/// True for well-formed UTF-8 (no surrogates, no overlong forms).
bool is_utf8(std::string_view text) noexcept;

/// Code points.
std::size_t count_characters(std::string_view text) noexcept;

/// C0, DEL or C1 (general category Cc).
bool has_control_character(std::string_view text) noexcept;

/// At least one code point leaves ink: no space, format character, lone combining mark or Hangul filler.
bool has_visible_character(std::string_view text) noexcept;

/// Without white space (Zs, Zl, Zp) at both ends, in Normalization Form C (UAX #15).
std::string trimmed_nfc(std::string_view text);

/// `text`, or as many whole characters of it as fit into `bytes_max` with "..." behind them: for messages that quote
/// text of any size.
std::string shortened(std::string_view text, std::size_t bytes_max = 100);

}  // namespace foodorder
