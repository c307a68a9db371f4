#include "foodorder/base/json.hpp"

#include "foodorder/base/concat.hpp"

#include <fmt/compile.h>
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace foodorder {

namespace {

void write_value(TextBuffer& out, const json::value& value);

void write_array(TextBuffer& out, const json::array& array) {
  out += '[';
  for (const json::value& element : array) {
    if (&element != array.data()) out += ',';
    write_value(out, element);
  }
  out += ']';
}

void write_object(TextBuffer& out, const json::object& object) {
  out += '{';
  for (const json::key_value_pair& member : object) {
    if (&member != object.begin()) out += ',';
    write_json_string(out, member.key());
    out += ':';
    write_value(out, member.value());
  }
  out += '}';
}

void write_double(TextBuffer& out, double value) {
  fmt::basic_memory_buffer<char, 32> digits;
  fmt::format_to(std::back_inserter(digits), FMT_COMPILE("{}"), value);
  out += std::string_view(digits.data(), digits.size());
}

/// Boost.JSON's own writer puts an exponent on every double (2.598E1).
void write_value(TextBuffer& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::object:
      return write_object(out, value.get_object());
    case json::kind::array:
      return write_array(out, value.get_array());
    case json::kind::string:
      return write_json_string(out, value.get_string());
    case json::kind::int64:
      return append(out, fmt::format_int(value.get_int64()));
    case json::kind::uint64:
      return append(out, fmt::format_int(value.get_uint64()));
    case json::kind::double_:
      if (!std::isfinite(value.get_double())) break;
      return write_double(out, value.get_double());
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::null:
      break;
  }
  out += "null";
}

/// Sixteen bytes that are compared at once.
using Block [[gnu::vector_size(16)]] = unsigned char;

Block load(const char* at) noexcept {
  Block bytes;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

/// Whether one of the bytes must be escaped (RFC 8259, section 7): a control, a quote or a backslash.
bool needs_escape(Block bytes) noexcept {
  const auto found = (bytes < 0x20) | (bytes == '"') | (bytes == '\\');
  const auto halves = std::bit_cast<std::array<std::uint64_t, 2>>(found);
  return (halves[0] | halves[1]) != 0;
}

/// Every string of every event is asked. The last block may be asked twice.
bool is_plain(std::string_view text) noexcept {
  constexpr std::size_t step = sizeof(Block);
  if (text.size() < step) {
    std::array<char, step> padded;
    padded.fill(' ');
    std::copy(text.begin(), text.end(), padded.begin());
    return !needs_escape(load(padded.data()));
  }
  const char* const last = text.data() + text.size() - step;
  for (const char* at = text.data(); at < last; at += step)
    if (needs_escape(load(at))) return false;
  return !needs_escape(load(last));
}

char* copy(std::string_view text, char* at) noexcept { return std::copy(text.begin(), text.end(), at); }

/// Appends the name of a member, and room for so many bytes of its value, which are to be written to what it gives.
/// By hand, because append() calls memmove() for each quote.
char* append_name(TextBuffer& out, std::string_view name, std::size_t value_bytes) {
  const bool first = out.back() == '{';  // no value ends in a brace that opens
  char* at = out.grow(name.size() + value_bytes + (first ? 3 : 4));
  if (!first) *at++ = ',';
  *at++ = '"';
  at = copy(name, at);
  *at++ = '"';
  *at++ = ':';
  return at;
}

void append_plain(TextBuffer& out, std::string_view name, std::string_view text) {
  char* at = append_name(out, name, text.size() + 2);
  *at++ = '"';
  *copy(text, at) = '"';
}

}  // namespace

std::string serialize_json(const json::value& value) {
  TextBuffer out;
  write_value(out, value);
  return out.str();
}

std::string serialize_json(const json::object& object) {
  TextBuffer out;
  write_object(out, object);
  return out.str();
}

std::string serialize_json(const json::array& array) {
  TextBuffer out;
  write_array(out, array);
  return out.str();
}

void write_json_string(TextBuffer& out, std::string_view text) {
  if (!is_plain(text)) {
    out += json::serialize(json::string_view(text.data(), text.size()));
    return;
  }
  char* at = out.grow(text.size() + 2);
  *at++ = '"';
  *copy(text, at) = '"';
}

JsonObject& JsonObject::add(std::string_view name, std::string_view text) {
  if (is_plain(text))
    append_plain(text_, name, text);
  else
    write_json_string(begin(name), text);
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, Timestamp time) {
  append_plain(text_, name, to_iso_millis(time));
  return *this;
}

JsonObject& JsonObject::add_raw(std::string_view name, std::string_view json) {
  copy(json, append_name(text_, name, json.size()));
  return *this;
}

TextBuffer& JsonObject::begin(std::string_view name) {
  append_name(text_, name, 0);
  return text_;
}

}  // namespace foodorder
