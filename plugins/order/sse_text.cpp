#include "sse_text.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/base/concat.hpp"
#include "foodorder/base/utf8.hpp"
#include "foodorder/domain/json.hpp"
#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

std::string_view type_of(std::string_view topic) noexcept {
  if (topic == topics::orders) return "order";
  return topic == topics::audit ? "audit" : "dlq";
}

void append_base64(std::string& out, const Record& record, const Error& problem) {
  const auto reason = find_header(record.headers, headers::dlt_exception_message);
  out += "{\"base64\":\"" + to_base64(*record.value) + "\",\"reason\":";
  write_json_string(out, reason && is_utf8(*reason) ? *reason : std::string_view(problem.message));
  out += '}';
}

/// JSON as it came, unless it has line ends, which would end the data line.
void append_json(std::string& out, const Record& record) {
  const auto has = [&](char c) { return record.value->find(c) != std::string::npos; };
  if (!has('\r') && !has('\n')) {
    out += *record.value;
    return;
  }
  const Result<json::value> body = parse_json(*record.value);
  if (body)
    out += serialize_json(*body);
  else
    append_base64(out, record, body.error());
}

}  // namespace

bool is_relayed(const ConsumerRecord& record) {
  const std::string& topic = record.position.tp.topic;
  if (topic == topics::orders) return !is_retry(*record.record);
  return topic == topics::audit || topic == topics::orders_dlq;
}

std::string event_text(std::string_view id, const ConsumerRecord& record) {
  std::string out;
  out.reserve(96 + id.size() + (record.record->value ? record.record->value->size() : 0));
  append(out, "id: ", id, "\ndata: {\"type\":\"", type_of(record.position.tp.topic), "\",\"data\":");
  const Result<EventHead>& head = event_head(record);
  if (head)
    append_json(out, *record.record);
  else if (record.record->value)
    append_base64(out, *record.record, head.error());
  else
    out += "null";
  out += ",\"timestamp\":";
  write_json_string(out, head && head->timestamp ? std::string_view(*head->timestamp)
                                                 : std::string_view(to_iso_millis(record.record->timestamp)));
  out += "}\n\n";
  return out;
}

std::string heartbeat_text(std::string_view id) {
  return fmt::format("id: {}\nevent: heartbeat\ndata: {{\"type\":\"heartbeat\"}}\n\n", id);
}

std::string greeting_text(std::string_view id) { return "retry: 2000\n" + heartbeat_text(id); }

std::string gap_text(std::string_view id, std::string_view reason) {
  return fmt::format("event: gap\nid: {}\ndata: {{\"reason\":\"{}\"}}\n\n", id, reason);
}

}  // namespace foodorder::order
