#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// What request headers ask for, as pure functions.

namespace foodorder::order {

/// "3f09b2c47d51e8a6", which stands for the log in what leaves the process: offsets of another log mean nothing.
std::string log_tag(std::string_view log_id);

/// The strong entity tag of an order that the record at that place of `orders` left so: it names that record in the log
/// with that log_tag(), and no other.
std::string entity_tag(std::string_view log, std::int32_t partition, std::int64_t offset);

/// 1 to 255 visible ASCII characters.
bool is_idempotency_key(std::string_view key) noexcept;

/// A whole number from `min` to `max`, or nothing.
std::optional<std::int64_t> whole_number(std::string_view text, std::int64_t min, std::int64_t max) noexcept;

/// `text` as a URI's path segment or query value (RFC 3986 percent-encoding).
std::string percent_encode(std::string_view text);
/// Where an order is: the value of `Location`.
std::string location_of(std::string_view order_id);

}  // namespace foodorder::order
