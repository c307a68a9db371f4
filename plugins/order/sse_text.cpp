#include "sse_text.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/domain/json.hpp"
#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

std::string_view type_of(std::string_view topic) noexcept {
  if (topic == topics::orders) return "order";
  return topic == topics::audit ? "audit" : "dlq";
}

/// Appends the body, and gives its own timestamp if it has one.
std::optional<std::string> append_body(std::string& out, const Record& record) {
  if (!record.value) {
    out += "null";
    return {};
  }
  std::array<unsigned char, 4096> buffer;
  json::monotonic_resource memory(buffer.data(), buffer.size());
  const Result<json::value> body = parse_json(*record.value, &memory);
  if (!body) {
    const auto reason = find_header(record.headers, headers::dlt_exception_message);
    out += "{\"base64\":\"" + to_base64(*record.value) + "\",\"reason\":";
    write_json_string(out, reason && is_utf8(*reason) ? *reason : std::string_view(body.error().message));
    out += '}';
    return {};
  }
  // JSON as it came, unless it has line ends, which would end the data line.
  out += record.value->find_first_of("\r\n") == std::string::npos ? *record.value : serialize_json(*body);
  const auto* object = body->if_object();
  const auto* timestamp = object ? object->if_contains("timestamp") : nullptr;
  if (!timestamp || !timestamp->is_string()) return {};
  return std::string(timestamp->get_string());
}

}  // namespace

bool is_relayed(const ConsumerRecord& record) {
  const std::string& topic = record.position.tp.topic;
  if (topic == topics::orders) return !is_retry(*record.record);
  return topic == topics::audit || topic == topics::orders_dlq;
}

std::string event_data(const ConsumerRecord& record) {
  std::string out = fmt::format("data: {{\"type\":\"{}\",\"data\":", type_of(record.position.tp.topic));
  const auto timestamp = append_body(out, *record.record);
  out += ",\"timestamp\":";
  write_json_string(out, timestamp ? *timestamp : to_iso_millis(record.record->timestamp));
  out += "}\n\n";
  return out;
}

std::string event_text(std::string_view id, std::string_view data) { return fmt::format("id: {}\n{}", id, data); }

std::string heartbeat_text(std::string_view id) { return fmt::format(": heartbeat\nid: {}\n\n", id); }

std::string greeting_text(std::string_view id) { return fmt::format("retry: 2000\nid: {}\n\n", id); }

std::string gap_text(std::string_view id, std::string_view reason) {
  return fmt::format("event: gap\nid: {}\ndata: {{\"reason\":\"{}\"}}\n\n", id, reason);
}

}  // namespace foodorder::order
