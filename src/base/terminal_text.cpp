#include "terminal_text.hpp"

#include "foodorder/base/utf8.hpp"

#include <fmt/format.h>
#include <utf8proc.h>
#include <algorithm>
#include <cstdint>

namespace foodorder {

namespace {

utf8proc_int32_t code_point(std::string_view sequence) {
  utf8proc_int32_t point = 0;
  utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(sequence.data()),
                   static_cast<utf8proc_ssize_t>(sequence.size()), &point);
  return point;
}

/// It would do something to a terminal, or to the order of the text, and shows nothing.
bool is_hidden(utf8proc_int32_t point) {
  const auto category = utf8proc_category(point);
  return category == UTF8PROC_CATEGORY_CC || category == UTF8PROC_CATEGORY_CF || category == UTF8PROC_CATEGORY_ZL ||
         category == UTF8PROC_CATEGORY_ZP;
}

std::string escaped(utf8proc_int32_t point) {
  switch (point) {
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  const auto number = static_cast<std::uint32_t>(point);
  return number < 0x80 ? fmt::format("\\x{:02x}", number) : fmt::format("\\u{:04x}", number);
}

}  // namespace

std::string printable(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = utf8_length(bytes);
    const std::string_view sequence = bytes.substr(0, std::max<std::size_t>(length, 1));
    bytes.remove_prefix(sequence.size());
    if (length == 0)
      out += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(sequence.front())));
    else if (const auto point = code_point(sequence); is_hidden(point))
      out += escaped(point);
    else
      out += sequence;
  }
  return out;
}

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    width += static_cast<std::size_t>(std::max(utf8proc_charwidth(code_point(text.substr(0, length))), 0));
    text.remove_prefix(length);
  }
  return width;
}

std::string fitted(std::string_view text, std::size_t columns) {
  if (width_of(text) <= columns) return std::string(text);
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    const std::size_t width = width_of(text.substr(0, length));
    if (used + width + 1 > columns) break;
    used += width;
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return columns == 0 ? "" : out + "…";
}

}  // namespace foodorder
