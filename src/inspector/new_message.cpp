#include "new_message.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/yield.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace foodorder::inspector {

namespace {

constexpr std::size_t headers_max = 10'000;
constexpr std::int64_t last_time_ms = 253'402'300'799'999;  // of the year 9999
constexpr std::string_view bytes_wanted =
    "must be a text, null, or {encoding, text} with utf-8 or base64 as the encoding";

/// What an exported message has beside what is written.
constexpr std::array<std::string_view, 8> ignored = {"topic",       "offset",      "json",  "size",
                                                     "headerCount", "transaction", "older", "unjudged"};

/// {"encoding": ..., "text": ...} and nothing else.
bool is_bytes(const json::value& value) {
  const json::object* object = value.if_object();
  if (!object || object->size() != 2) return false;
  const std::string_view encoding = text_at(*object, "encoding");
  const json::value* text = object->if_contains("text");
  return (encoding == "utf-8" || encoding == "base64") && text && text->is_string();
}

/// One message while it is read.
class Reader {
 public:
  Reader(const std::string& prefix, Problems& errors) : prefix_(prefix), errors_(errors) {}

  void fail(std::string_view field, std::string text) {
    errors_.emplace_back(prefix_ + std::string(field), std::move(text));
  }

  std::optional<std::string> bytes(std::string_view field, const json::value& value) {
    const json::object& object = value.get_object();
    const std::string_view text = text_at(object, "text");
    if (text_at(object, "encoding") == "utf-8") return std::string(text);
    auto decoded = from_base64(text);
    if (!decoded) fail(field, "its text is not base64");
    return decoded;
  }

  /// Of a key, or of a header's value.
  std::optional<std::string> text_or_bytes(std::string_view field, const json::value& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return std::string(value.get_string());
    if (is_bytes(value)) return bytes(field, value);
    fail(field, std::string(bytes_wanted));
    return {};
  }

  std::optional<std::string> body(const json::value& value) {
    if (value.is_null()) return {};
    if (value.is_string()) return std::string(value.get_string());
    if (is_bytes(value)) return bytes("value", value);
    return serialize_json(value);
  }

  void headers(const json::value& value, Headers& headers) {
    const json::array* list = value.if_array();
    if (!list || list->size() > headers_max)
      return fail("headers", fmt::format("must be an array of at most {} {{name, value}}", headers_max));
    for (const json::value& entry : *list) {
      const json::object* header = entry.if_object();
      const json::value* name = header ? header->if_contains("name") : nullptr;
      const json::value* its_value = header ? header->if_contains("value") : nullptr;
      if (!name || !name->is_string() || !its_value || header->size() != 2)
        return fail("headers", "each header must be {name, value}; a value may be null");
      const auto text = text_or_bytes("headers", *its_value);
      headers.add(name->get_string(), text ? std::optional<std::string_view>(*text) : std::nullopt);
    }
  }

  Timestamp time(const json::value& value) {
    if (const std::int64_t* millis = value.if_int64(); millis && *millis >= 0 && *millis <= last_time_ms)
      return from_unix_millis(*millis);
    const auto time = value.is_string() ? parse_iso(value.get_string()) : std::nullopt;
    if (!time) fail("timestamp", "must be a time such as 2026-02-05T13:11:17Z, or milliseconds since the epoch");
    return time.value_or(Timestamp());
  }

  std::optional<std::int32_t> partition(const json::value& value, std::int32_t partitions) {
    const std::int64_t* number = value.if_int64();
    if (number && *number >= 0 && *number < partitions) return static_cast<std::int32_t>(*number);
    fail("partition", fmt::format("must be a number from 0 to {}", partitions - 1));
    return {};
  }

  void check_names(const json::object& message) {
    constexpr std::array<std::string_view, 5> known = {"key", "value", "headers", "partition", "timestamp"};
    const auto has = [](const auto& names, std::string_view name) {
      return std::find(names.begin(), names.end(), name) != names.end();
    };
    for (const auto& [name, value] : message) {
      if (has(known, name) || has(ignored, name)) continue;
      const bool cannot = name == "cut" || name == "marker";
      fail(name, cannot ? "this is no whole message: its value was cut, or it is a transaction's marker"
                        : fmt::format("there is no such field; allowed are {}", fmt::join(known, ", ")));
    }
  }

 private:
  const std::string& prefix_;
  Problems& errors_;
};

}  // namespace

ProducerRecord read_message(const json::value& message, const std::string& topic, std::int32_t partitions,
                            const std::string& prefix, Problems& errors) {
  Reader reader(prefix, errors);
  const json::object* object = message.if_object();
  if (!object) {
    reader.fail("", "must be a JSON object");
    return ProducerRecord(topic, Record());
  }
  reader.check_names(*object);
  std::optional<std::string> key;
  std::optional<std::string> value;
  if (const json::value* given = object->if_contains("key")) key = reader.text_or_bytes("key", *given);
  if (const json::value* given = object->if_contains("value"))
    value = reader.body(*given);
  else
    reader.fail("value", "value is required; null is a tombstone");
  Record record(key, value);
  if (const json::value* headers = object->if_contains("headers")) reader.headers(*headers, record.headers);
  if (const json::value* time = object->if_contains("timestamp")) record.timestamp = reader.time(*time);
  ProducerRecord outgoing(topic, std::move(record));
  if (const json::value* number = object->if_contains("partition"))
    outgoing.partition = reader.partition(*number, partitions);
  return outgoing;
}

Task<NewMessages> read_messages(std::string_view body, std::string topic, std::int32_t partitions, Problems& errors) {
  NewMessages read;
  WorkPiece piece;
  for (std::size_t line = 1; !body.empty(); ++line) {
    const std::string_view text = body.substr(0, body.find('\n'));
    body.remove_prefix(std::min(text.size() + 1, body.size()));
    if (text.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    read.too_many = read.records.size() == messages_max;
    if (read.too_many) break;
    if (piece.add(text.size())) co_await yield();
    const std::string prefix = fmt::format("line {}: ", line);
    read.lines.push_back(line);
    if (const auto message = parse_json(text)) {
      read.records.push_back(read_message(*message, topic, partitions, prefix, errors));
    } else {
      read.records.emplace_back(topic, Record());
      errors.emplace_back(prefix, message.error().message);
    }
  }
  if (read.records.empty()) errors.emplace_back("", "the body has no message");
  co_return read;
}

}  // namespace foodorder::inspector
