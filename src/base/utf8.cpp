#include "foodorder/base/utf8.hpp"

#include <utf8proc.h>
#include <algorithm>
#include <cstdlib>
#include <memory>

namespace foodorder {

namespace {

/// Most texts are of such characters, and asking utf8proc for one takes several times as long.
bool is_ascii(utf8proc_int32_t code_point) noexcept { return code_point < 0x80; }

/// Takes the first code point off `text`; -1, and nothing taken, if it is not well-formed.
utf8proc_int32_t take_first(std::string_view& text) noexcept {
  utf8proc_int32_t code_point = static_cast<unsigned char>(text.front());
  if (is_ascii(code_point)) {
    text.remove_prefix(1);
    return code_point;
  }
  const auto* bytes = reinterpret_cast<const utf8proc_uint8_t*>(text.data());
  const auto length = utf8proc_iterate(bytes, static_cast<utf8proc_ssize_t>(text.size()), &code_point);
  if (length <= 0) return -1;
  text.remove_prefix(static_cast<std::size_t>(length));
  return code_point;
}

template <class Predicate>
bool any_character(std::string_view text, Predicate holds) noexcept {
  while (!text.empty()) {
    const utf8proc_int32_t code_point = take_first(text);
    if (code_point < 0) return false;
    if (holds(code_point)) return true;
  }
  return false;
}

bool is_control(utf8proc_int32_t code_point) noexcept {
  if (is_ascii(code_point)) return code_point < ' ' || code_point == 0x7f;
  return utf8proc_category(code_point) == UTF8PROC_CATEGORY_CC;
}

bool is_white_space(utf8proc_int32_t code_point) noexcept {
  if (is_ascii(code_point)) return code_point == ' ';
  const auto category = utf8proc_category(code_point);
  return category == UTF8PROC_CATEGORY_ZS || category == UTF8PROC_CATEGORY_ZL || category == UTF8PROC_CATEGORY_ZP;
}

bool is_visible(utf8proc_int32_t code_point) noexcept {
  constexpr utf8proc_int32_t braille_blank = 0x2800;  // a symbol without dots
  if (is_ascii(code_point)) return code_point > ' ' && code_point < 0x7f;
  switch (utf8proc_category(code_point)) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ZS:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    default:
      return code_point != braille_blank && !utf8proc_get_property(code_point)->ignorable;
  }
}

std::string_view trimmed(std::string_view text) noexcept {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    const utf8proc_int32_t code_point = take_first(rest);
    if (code_point < 0) break;
    if (is_white_space(code_point)) continue;
    begin = std::min(begin, at);
    end = text.size() - rest.size();
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

bool is_ascii(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) { return is_ascii(static_cast<unsigned char>(c)); });
}

}  // namespace

std::size_t utf8_length(std::string_view text) noexcept {
  std::string_view rest = text;
  return take_first(rest) < 0 ? 0 : text.size() - rest.size();
}

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty())
    if (take_first(text) < 0) return false;
  return true;
}

std::size_t count_characters(std::string_view text) noexcept {
  std::size_t count = 0;
  for (; !text.empty() && take_first(text) >= 0; ++count) {
  }
  return count;
}

bool has_control_character(std::string_view text) noexcept { return any_character(text, is_control); }

bool has_visible_character(std::string_view text) noexcept { return any_character(text, is_visible); }

std::string trimmed_nfc(std::string_view text) {
  const std::string_view inner = trimmed(text);
  if (is_ascii(inner)) return std::string(inner);  // is in that form
  utf8proc_uint8_t* mapped = nullptr;
  const auto size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(inner.data()), static_cast<utf8proc_ssize_t>(inner.size()),
                   &mapped, static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owned(mapped, &std::free);
  if (size < 0) return std::string(inner);  // only for ill-formed text
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<std::size_t>(size));
}

std::string shortened(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view dots = "...";
  if (text.size() <= bytes_max) return std::string(text);
  std::size_t kept = bytes_max > dots.size() ? bytes_max - dots.size() : 0;
  const auto continues = [&](std::size_t at) { return (static_cast<unsigned char>(text[at]) & 0xc0U) == 0x80U; };
  while (kept > 0 && continues(kept)) --kept;
  return std::string(text.substr(0, kept)).append(dots);
}

}  // namespace foodorder
