#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What request headers ask for, as pure functions.

namespace foodorder::order {

/// The strong entity tag of an order: the offset of its newest record, quoted.
std::string entity_tag(std::int64_t offset);

/// A whole number from `min` to `max`, or nothing.
std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t min, std::int64_t max) noexcept;

/// `text` as a URI's path segment or query value (RFC 3986 percent-encoding).
std::string percent_encode(std::string_view text);

}  // namespace foodorder::order
