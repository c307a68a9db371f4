#pragma once

#include "foodorder/base/result.hpp"
#include "foodorder/base/text_buffer.hpp"
#include "foodorder/base/time.hpp"

#include <fmt/format.h>
#include <array>
#include <boost/json.hpp>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder {

namespace json = boost::json;

/// Memory for one value that does not live long, on the stack: what a usual order needs, so that nothing is allocated.
class JsonMemory {
 public:
  /// As long as this lives.
  json::storage_ptr storage() noexcept { return &resource_; }

 private:
  std::array<unsigned char, 4096> buffer_;
  json::monotonic_resource resource_{buffer_.data(), buffer_.size()};
};

/// Parses strictly: RFC 8259, at most 32 levels deep, and refuses duplicate keys and numbers out of a double's
/// range, both of which Boost.JSON takes silently. Numbers are the nearest doubles. The message says what and where.
/// The value lives in `storage`.
Result<json::value> parse_json(std::string_view text, json::storage_ptr storage = {});

/// The strings that stand under `keys` at the top of a JSON object, in the order of the keys; nothing for those that
/// are not there or are no strings. Much cheaper than parse_json(), because nothing else is kept. One of `keys` (at
/// most 64) that stands there twice is an error; of other keys that is not looked for. Text that is JSON but no object
/// has none.
Result<std::vector<std::optional<std::string>>> read_json_strings(std::string_view text,
                                                                  std::span<const std::string_view> keys);

/// The string under `name`, as long as `object` lives; empty where there is none, or a value of another type.
std::string_view text_at(const json::object& object, std::string_view name) noexcept;

/// The JSON text of `value`, without white space. Doubles are written as people write them, in the fewest digits that
/// read back the same: 25.98, 0.3, 100; with an exponent only below 0.0001 and from 1e16 on. What JSON has no number
/// for (infinity, NaN) is null.
std::string serialize_json(const json::value& value);
std::string serialize_json(const json::object& object);
std::string serialize_json(const json::array& array);

/// Appends `text` as a JSON string, quotes included. `text` must be valid UTF-8.
void write_json_string(TextBuffer& out, std::string_view text);

/// Writes one JSON object, member by member. Names are literals without anything to escape. Texts must be valid UTF-8.
class JsonObject {
 public:
  JsonObject() : JsonObject(own_) {}
  /// Appends the object to `out`, which outlives this.
  explicit JsonObject(TextBuffer& out) : text_(out), begin_(out.size()) { text_ += '{'; }
  JsonObject(const JsonObject&) = delete;
  JsonObject& operator=(const JsonObject&) = delete;

  JsonObject& add(std::string_view name, std::string_view text);
  /// A string: to_iso_millis().
  JsonObject& add(std::string_view name, Timestamp time);
  template <std::integral Number>
  JsonObject& add(std::string_view name, Number number) {
    if constexpr (std::same_as<Number, bool>) {
      return add_raw(name, number ? "true" : "false");
    } else {
      const fmt::format_int digits(number);
      return add_raw(name, {digits.data(), digits.size()});
    }
  }
  /// A value that is JSON already.
  JsonObject& add_raw(std::string_view name, std::string_view json);
  /// An object whose members `fill(JsonObject& inner)` adds.
  template <class Fill>
  JsonObject& add_object(std::string_view name, const Fill& fill) {
    begin(name) += '{';
    fill(*this);
    text_ += '}';
    return *this;
  }
  /// An array with one object for each of `elements`; `fill(JsonObject& inner, element)` adds its members.
  template <class Elements, class Fill>
  JsonObject& add_objects(std::string_view name, const Elements& elements, const Fill& fill) {
    begin(name) += '[';
    for (const auto& element : elements) {
      text_ += text_.back() == '[' ? "{" : ",{";
      fill(*this, element);
      text_ += '}';
    }
    text_ += ']';
    return *this;
  }

  /// Begins a member. The caller appends its value as JSON to the string.
  TextBuffer& begin(std::string_view name);

  /// The text, as long as this lives and nothing else is appended. Nothing can be added after that.
  std::string_view end() {
    text_ += '}';
    return text_.view().substr(begin_);
  }
  /// The same as a string of its own.
  std::string take() { return std::string(end()); }

 private:
  TextBuffer own_;
  TextBuffer& text_;
  std::size_t begin_;
};

}  // namespace foodorder
