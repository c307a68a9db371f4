#include "foodorder/base/json.hpp"

#include "foodorder/base/concat.hpp"

#include <fmt/compile.h>
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

/// Eight bytes at a time, because every string of every event is asked.
bool is_plain(std::string_view text) noexcept {
  std::uint64_t bytes = 0;
  for (; text.size() >= sizeof bytes; text.remove_prefix(sizeof bytes)) {
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (needs_escape(bytes)) return false;
  }
  bytes = 0x2020202020202020;
  std::memcpy(&bytes, text.data(), text.size());
  return !needs_escape(bytes);
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

JsonObject JsonObject::reopen(std::string object) {
  JsonObject more;
  object.pop_back();
  more.text_ = std::move(object);
  return more;
}

JsonObject& JsonObject::add(std::string_view name, std::string_view text) {
  if (is_plain(text))
    append(text_, comma(), "\"", name, "\":\"", text, "\"");
  else
    write_json_string(begin(name), text);
  return *this;
}

JsonObject& JsonObject::add(std::string_view name, Timestamp time) {
  append(text_, comma(), "\"", name, "\":\"", to_iso_millis(time), "\"");
  return *this;
}

JsonObject& JsonObject::add_raw(std::string_view name, std::string_view json) {
  append(text_, comma(), "\"", name, "\":", json);
  return *this;
}

std::string& JsonObject::begin(std::string_view name) {
  append(text_, comma(), "\"", name, "\":");
  return text_;
}

}  // namespace foodorder
