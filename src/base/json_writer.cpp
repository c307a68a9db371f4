#include "foodorder/base/json.hpp"

#include "foodorder/base/concat.hpp"

#include <fmt/compile.h>
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>

namespace foodorder {

namespace {

void write_value(std::string& out, const json::value& value);

void write_array(std::string& out, const json::array& array) {
  out += '[';
  for (const json::value& element : array) {
    if (&element != array.data()) out += ',';
    write_value(out, element);
  }
  out += ']';
}

void write_object(std::string& out, const json::object& object) {
  out += '{';
  for (const json::key_value_pair& member : object) {
    if (&member != object.begin()) out += ',';
    write_json_string(out, member.key());
    out += ':';
    write_value(out, member.value());
  }
  out += '}';
}

/// Boost.JSON's own writer puts an exponent on every double (2.598E1).
void write_value(std::string& out, const json::value& value) {
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
      fmt::format_to(std::back_inserter(out), FMT_COMPILE("{}"), value.get_double());
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::null:
      break;
  }
  out += "null";
}

/// Whether a byte of the eight must be escaped (RFC 8259, section 7): a control, a quote or a backslash.
constexpr bool needs_escape(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  const auto has_below = [](std::uint64_t word, std::uint64_t limit) { return (word - ones * limit) & ~word & highs; };
  return (has_below(bytes, 0x20) | has_below(bytes ^ (ones * '"'), 1) | has_below(bytes ^ (ones * '\\'), 1)) != 0;
}

std::uint64_t load(const char* at) noexcept {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

/// Eight bytes at a time, because every string of every event is asked; the last eight may be asked twice.
bool is_plain(std::string_view text) noexcept {
  constexpr std::size_t step = sizeof(std::uint64_t);
  if (text.size() < step) {
    for (const char c : text)
      if (static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\') return false;
    return true;
  }
  const char* const last = text.data() + text.size() - step;
  for (const char* at = text.data(); at < last; at += step)
    if (needs_escape(load(at))) return false;
  return !needs_escape(load(last));
}

char* copy(std::string_view text, char* at) noexcept { return std::copy(text.begin(), text.end(), at); }

/// Appends the name of a member, and room for so many bytes of its value, which are to be written to what it gives.
/// By hand, because append() calls memmove() for each quote.
char* append_name(std::string& out, std::string_view name, std::size_t value_bytes) {
  const bool first = out.back() == '{';  // no value ends in a brace that opens
  const std::size_t before = out.size();
  out.resize(before + name.size() + value_bytes + (first ? 3 : 4));
  char* at = out.data() + before;
  if (!first) *at++ = ',';
  *at++ = '"';
  at = copy(name, at);
  *at++ = '"';
  *at++ = ':';
  return at;
}

void append_plain(std::string& out, std::string_view name, std::string_view text) {
  char* at = append_name(out, name, text.size() + 2);
  *at++ = '"';
  *copy(text, at) = '"';
}

}  // namespace

std::string serialize_json(const json::value& value) {
  std::string out;
  write_value(out, value);
  return out;
}

std::string serialize_json(const json::object& object) {
  std::string out;
  write_object(out, object);
  return out;
}

std::string serialize_json(const json::array& array) {
  std::string out;
  write_array(out, array);
  return out;
}

void write_json_string(std::string& out, std::string_view text) {
  if (is_plain(text))
    append(out, "\"", text, "\"");
  else
    out += json::serialize(json::string_view(text.data(), text.size()));
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

std::string& JsonObject::begin(std::string_view name) {
  append_name(text_, name, 0);
  return text_;
}

}  // namespace foodorder
