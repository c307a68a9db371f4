#pragma once

#include "foodorder/base/fixed_text.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace foodorder {

/// A `traceparent` (W3C Trace Context, 3.2) as a value: where in which trace something happened. Its digits stand in
/// words, the first in the lowest four bits.
struct Traceparent {
  /// Reads "00-<32 digits>-<16 digits>-<2 digits>", the only version there is, and nothing else: what is not a
  /// traceparent is not followed. Ids are not all zero.
  static std::optional<Traceparent> parse(std::string_view text) noexcept;

  [[nodiscard]] FixedText<55> text() const noexcept;
  [[nodiscard]] FixedText<32> trace_id() const noexcept;

  bool operator==(const Traceparent&) const = default;

  static constexpr std::uint8_t sampled = 0x10;  ///< "01"

  std::uint64_t trace_first = 0;
  std::uint64_t trace_second = 0;
  std::uint64_t span = 0;
  std::uint8_t flags = sampled;
};

}  // namespace foodorder
