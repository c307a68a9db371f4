#include "foodorder/base/json.hpp"

#include "foodorder/base/concat.hpp"

#include <fmt/compile.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

namespace foodorder {

namespace {

/// Of each byte (RFC 8259, section 7). A table, because every string of every event is asked.
constexpr auto needs_escape = [] {
  std::array<bool, 256> needs{};
  for (std::size_t control = 0; control < 0x20; ++control) needs[control] = true;
  needs['"'] = needs['\\'] = true;
  return needs;
}();

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

bool is_plain(std::string_view text) noexcept {
  return std::none_of(text.begin(), text.end(), [](char c) { return needs_escape[static_cast<unsigned char>(c)]; });
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
