#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What request headers ask for, as pure functions.

namespace foodorder::order {

/// The strong entity tag of an order: the offset of its newest record, quoted.
std::string entity_tag(std::int64_t offset);

/// If-Match (RFC 9110 section 13.1.1) by strong comparison: `*`, or a list that has `tag`.
bool if_match_holds(std::string_view field, std::string_view tag) noexcept;

/// If-None-Match (RFC 9110 section 13.1.2) by weak comparison: true where a GET is answered with 304.
bool if_none_match_hits(std::string_view field, std::string_view tag) noexcept;

/// A whole number from `min` to `max`, or nothing.
std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t min, std::int64_t max) noexcept;

/// `text` as a URI's path segment or query value (RFC 3986 percent-encoding).
std::string percent_encode(std::string_view text);

}  // namespace foodorder::order
