#include "log_line.hpp"

#include "foodorder/base/utf8.hpp"

#include <fmt/format.h>
#include <cmath>
#include <iterator>

namespace foodorder::log {

namespace {

constexpr std::size_t text_bytes_max = 8192;

std::string_view name_of(Level level) noexcept {
  switch (level) {
    case Level::debug:
      return "debug";
    case Level::info:
      return "info";
    case Level::warn:
      return "warn";
    case Level::error:
      break;
  }
  return "error";
}

/// Controls, and what turns the direction of text or ends a line: a terminal obeys these, a reader cannot see them.
bool is_unsafe(std::uint32_t point) noexcept {
  return point < 0x20 || (point >= 0x7f && point <= 0x9f) || point == 0x61c || (point >= 0x200e && point <= 0x200f) ||
         (point >= 0x2028 && point <= 0x202e) || (point >= 0x2066 && point <= 0x2069) || point == 0xfeff;
}

void append_escape(std::string& out, std::uint32_t point) {
  if (point == '\n')
    out += "\\n";
  else if (point == '\t')
    out += "\\t";
  else
    fmt::format_to(std::back_inserter(out), "\\u{:04x}", point);
}

std::uint32_t decode(std::string_view sequence) noexcept {
  const auto first = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return first;
  std::uint32_t point = first & (0x7fU >> sequence.size());
  for (const char c : sequence.substr(1)) point = point << 6U | (static_cast<unsigned char>(c) & 0x3fU);
  return point;
}

/// `quoted`: for between quotation marks, as in JSON.
void append_text(std::string& out, std::string_view text, bool quoted) {
  const bool cut = text.size() > text_bytes_max;
  if (cut) text = text.substr(0, text_bytes_max);
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    const std::uint32_t point = length == 0 ? 0xfffd : decode(text.substr(0, length));
    if (length == 0)
      out += "\xef\xbf\xbd";
    else if (is_unsafe(point))
      append_escape(out, point);
    else {
      if (quoted && (point == '"' || point == '\\')) out += '\\';
      out += text.substr(0, length);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  if (cut) out += "\xe2\x80\xa6";
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_text(out, text, true);
  out += '"';
}

/// Whether a text of a field stands without quotation marks: it cannot be taken for something else.
bool is_bare(std::string_view text) noexcept {
  if (text.empty()) return false;
  for (const char c : text)
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') return false;
  return true;
}

void append_value(std::string& out, Form form, const Field::Value& value) {
  if (const auto* text = std::get_if<std::string_view>(&value)) {
    if (form == Form::text && is_bare(*text))
      out += text->substr(0, text_bytes_max);
    else
      append_quoted(out, *text);
  } else if (const auto* number = std::get_if<double>(&value)) {
    if (std::isfinite(*number))
      fmt::format_to(std::back_inserter(out), "{}", *number);
    else
      out += "null";
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    fmt::format_to(std::back_inserter(out), "{}", *whole);
  } else if (const auto* natural = std::get_if<std::uint64_t>(&value)) {
    fmt::format_to(std::back_inserter(out), "{}", *natural);
  } else {
    out += std::get<bool>(value) ? "true" : "false";
  }
}

}  // namespace

std::string safe_text(std::string_view text) {
  std::string out;
  append_text(out, text, false);
  return out;
}

std::string format_line(Form form, Level level, std::string_view message, std::span<const Field> fields) {
  std::string out;
  if (form == Form::text) {
    out += name_of(level);
    out += ' ';
    append_text(out, message, false);
    for (const Field& field : fields) {
      out += ' ';
      out += field.name();
      out += '=';
      append_value(out, form, field.value());
    }
    return out;
  }
  out += "\"level\":";
  append_quoted(out, name_of(level));
  out += ",\"message\":";
  append_quoted(out, message);
  for (const Field& field : fields) {
    out += ',';
    append_quoted(out, field.name());
    out += ':';
    append_value(out, form, field.value());
  }
  return out + '}';
}

}  // namespace foodorder::log
