#pragma once

#include "foodorder/base/fixed_text.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace foodorder {

using Duration = std::chrono::microseconds;
/// UTC, microseconds since the Unix epoch.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// "2026-02-05T13:11:17.406Z": RFC 3339, UTC, milliseconds (cut, not rounded). Of the years 0 to 9999.
FixedText<24> to_iso_millis(Timestamp time);

/// "2026-02-05T13:11:17.406123Z": as above with microseconds, as `ce_time` carries it.
FixedText<27> to_iso_micros(Timestamp time);

/// Reads RFC 3339 (years 0 to 9999 in UTC, too) with `Z` or a numeric offset and 0 to 9 fraction digits (cut to
/// microseconds).
std::optional<Timestamp> parse_iso(std::string_view text);

/// Milliseconds since the Unix epoch, as Kafka's record timestamps count.
constexpr std::int64_t to_unix_millis(Timestamp time) {
  return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count();
}

constexpr Timestamp from_unix_millis(std::int64_t millis) {
  using std::chrono::milliseconds;
  constexpr std::int64_t max = std::chrono::floor<milliseconds>(Timestamp::max().time_since_epoch()).count();
  return Timestamp{milliseconds{std::clamp(millis, -max, max)}};  // a stranger's record may carry any 64 bits
}

}  // namespace foodorder
