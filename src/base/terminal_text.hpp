#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Text on a terminal: what may be shown there, and how wide it is.

namespace foodorder {

/// What a terminal may be shown of bytes that somebody else wrote: control characters, and what would turn the
/// direction of the text, become `\n`, `\x1b` or `\u202e`; bytes that are no UTF-8 become `\xff`.
std::string printable(std::string_view bytes);

/// Columns that a terminal takes for this text, which is printable.
std::size_t width_of(std::string_view text);

/// At most so many columns of it, "…" at the end where it was cut.
std::string fitted(std::string_view text, std::size_t columns);

}  // namespace foodorder
