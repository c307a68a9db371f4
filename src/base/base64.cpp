#include "foodorder/base/base64.hpp"

#include <cstdint>

namespace foodorder {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string to_base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::string_view group = bytes.substr(i, 3);
    std::uint32_t bits = 0;
    for (std::size_t b = 0; b < 3; ++b)
      bits = bits << 8U | (b < group.size() ? static_cast<unsigned char>(group[b]) : 0U);
    for (std::size_t digit = 0; digit < 4; ++digit)
      text += digit <= group.size() ? alphabet[bits >> (18U - 6U * digit) & 63U] : '=';
  }
  return text;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return {};
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::string_view group = text.substr(i, 4);
    if (i + 4 == text.size() && group.ends_with('=')) group.remove_suffix(group.ends_with("==") ? 2 : 1);
    std::uint32_t bits = 0;
    for (const char digit : group) {
      const std::size_t value = alphabet.find(digit);
      if (value == std::string_view::npos) return {};
      bits = bits << 6U | static_cast<std::uint32_t>(value);
    }
    bits <<= 6U * (4 - static_cast<std::uint32_t>(group.size()));
    for (std::size_t b = 0; b + 1 < group.size(); ++b) bytes += static_cast<char>(bits >> (16U - 8U * b) & 0xffU);
  }
  // One text for each value: the bits that are left over are zero.
  if (to_base64(bytes) != text) return {};
  return bytes;
}

}  // namespace foodorder
