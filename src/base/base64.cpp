#include "foodorder/base/base64.hpp"

#include <cstdint>

namespace foodorder {

std::string to_base64(std::string_view bytes) {
  constexpr char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
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

}  // namespace foodorder
