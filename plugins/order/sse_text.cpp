#include "sse_text.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/domain/json.hpp"
#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/compile.h>

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
  JsonMemory memory;
  const Result<json::value> body = parse_json(*record.value, memory.storage());
  if (!body) {
    const auto reason = find_header(record.headers, headers::dlt_exception_message);
    out += "{\"base64\":\"" + to_base64(*record.value) + "\",\"reason\":";
    write_json_string(out, reason && is_utf8(*reason) ? *reason : std::string_view(body.error().message));
    out += '}';
    return {};
  }
  // JSON as it came, unless it has line ends, which would end the data line.
  const auto has = [&](char c) { return record.value->find(c) != std::string::npos; };
  out += has('\r') || has('\n') ? serialize_json(*body) : *record.value;
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
  std::string out = fmt::format(FMT_COMPILE("data: {{\"type\":\"{}\",\"data\":"), type_of(record.position.tp.topic));
  const auto timestamp = append_body(out, *record.record);
  out += ",\"timestamp\":";
  write_json_string(out, timestamp ? *timestamp : to_iso_millis(record.record->timestamp));
  out += "}\n\n";
  return out;
}

std::string event_text(std::string_view id, std::string_view data) {
  return fmt::format(FMT_COMPILE("id: {}\n{}"), id, data);
}

std::string heartbeat_text(std::string_view id) { return fmt::format(": heartbeat\nid: {}\n\n", id); }

std::string greeting_text(std::string_view id) { return fmt::format("retry: 2000\nid: {}\n\n", id); }

std::string gap_text(std::string_view id, std::string_view reason) {
  return fmt::format("event: gap\nid: {}\ndata: {{\"reason\":\"{}\"}}\n\n", id, reason);
}

}  // namespace foodorder::order
