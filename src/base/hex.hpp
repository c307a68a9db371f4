#pragma once

#include "foodorder/base/fixed_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>

// Lower-case hexadecimal digits of words. The first digit stands for the lowest four bits.

namespace foodorder {

/// All eight in one word: each event that is shown carries some eighty.
inline std::array<char, 8> hex_of(std::uint32_t number) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101U;
  std::uint64_t word = number;  // a byte for each digit
  word = (word | word << 16U) & 0x0000ffff0000ffffU;
  word = (word | word << 8U) & 0x00ff00ff00ff00ffU;
  word = (word | word << 4U) & 0x0f0f0f0f0f0f0f0fU;
  const std::uint64_t letters = (word + 6 * ones) >> 4U & ones;
  word += '0' * ones + ('a' - '0' - 10) * letters;
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return std::bit_cast<std::array<char, 8>>(word);
}

inline FixedText<16> hex_of(std::uint64_t number) noexcept {
  FixedText text("................");
  std::ranges::copy(hex_of(static_cast<std::uint32_t>(number)), text.part(0, 8).begin());
  std::ranges::copy(hex_of(static_cast<std::uint32_t>(number >> 32U)), text.part(8, 8).begin());
  return text;
}

/// The value of each character as a hexadecimal digit, and 16 for each that is no digit.
inline constexpr std::array<std::uint8_t, 256> hex_values = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(16);
  for (std::uint8_t digit = 0; digit < 16; ++digit)
    values.at(static_cast<std::uint8_t>("0123456789abcdef"[digit])) = digit;
  return values;
}();

/// Reads at most 16 digits. Gives nothing if one of the characters is no digit.
inline std::optional<std::uint64_t> parse_hex(std::string_view digits) noexcept {
  std::uint64_t number = 0;
  unsigned shift = 0;
  unsigned all = 0;
#pragma GCC unroll 16
  for (const char c : digits) {
    const std::uint8_t value = hex_values[static_cast<std::uint8_t>(c)];
    number |= static_cast<std::uint64_t>(value) << shift;
    all |= value;
    shift += 4;
  }
  return all < 16 ? std::optional(number) : std::nullopt;
}

}  // namespace foodorder
