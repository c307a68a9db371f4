#include "sse_text.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/base/concat.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/utf8.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

Error not_a_letter() { return Error(Errc::invalid_argument, "not a dead letter of an order"); }

void append_base64(TextBuffer& out, const Record& record, const Error& problem) {
  const auto reason = find_header(record.headers, headers::dlt_exception_message);
  out += JsonObject()
             .add("base64", to_base64(*record.value()))
             .add("reason", reason && is_utf8(*reason) ? reason->view() : std::string_view(problem.message))
             .end();
}

/// Says who did what to which order.
bool is_audit_event(const ConsumerRecord& record) {
  const Result<EventHead>& head = event_head(record);
  return head && head->source && head->action && head->order_id;
}

/// A letter of ours tells of an order; others are shown as bytes.
bool is_letter(const ConsumerRecord& record) {
  if (!record.record->value()) return false;
  const auto body = parse_json(*record.record->value());
  const auto* object = body ? body->if_object() : nullptr;
  const json::value* order = object ? object->if_contains("order") : nullptr;
  return order && order->is_object() && !text_at(*object, "reason").empty() && !text_at(*object, "action").empty();
}

/// The body's own time, as far as it is one as to_iso_millis() writes them: of that size there is no other.
std::string_view own_time(const Result<EventHead>& head) {
  constexpr std::size_t size = 24;
  if (!head || !head->timestamp || head->timestamp->size() != size) return {};
  return parse_iso(*head->timestamp) ? std::string_view(*head->timestamp) : std::string_view();
}

/// JSON as it came, unless it has line ends, which would end the data line.
void append_json(TextBuffer& out, const Record& record) {
  const auto has = [&](char c) { return record.value()->find(c) != std::string::npos; };
  if (!has('\r') && !has('\n')) {
    out += *record.value();
    return;
  }
  const Result<json::value> body = parse_json(*record.value());
  if (body)
    out += serialize_json(*body);
  else
    append_base64(out, record, body.error());
}

}  // namespace

bool is_relayed(const ConsumerRecord& record) {
  const std::string& topic = record.position.tp.topic;
  if (topic == topics::orders) return !is_retry(*record.record) && order_event(record).has_value();
  return topic != topics::audit || is_audit_event(record);
}

void append_event(TextBuffer& out, std::string_view id, std::string_view type, const ConsumerRecord& record) {
  const Result<EventHead>& head = event_head(record);
  append(out, "id: ", id, "\ndata: ");
  JsonObject data(out);
  TextBuffer& text = data.add("type", type).begin("data");
  const bool dead = record.position.tp.topic == topics::orders_dlq;
  const bool shown = !dead || is_letter(record);
  if (head && shown)
    append_json(text, *record.record);
  else if (record.record->value())
    append_base64(text, *record.record, head ? not_a_letter() : head.error());
  else
    text += "null";
  if (const std::string_view time = own_time(head); !time.empty())
    data.add("timestamp", time);
  else
    data.add("timestamp", record.record->timestamp);
  data.end();
  out += "\n\n";
}

std::string event_text(std::string_view id, std::string_view type, const ConsumerRecord& record) {
  TextBuffer out;
  append_event(out, id, type, record);
  return out.str();
}

std::string heartbeat_text(std::string_view id) {
  return concat("id: ", id, "\nevent: heartbeat\ndata: ", JsonObject().add("type", "heartbeat").take(), "\n\n");
}

std::string greeting_text(std::string_view id) { return "retry: 2000\n" + heartbeat_text(id); }

std::string gap_text(std::string_view id, std::string_view reason) {
  return concat("event: gap\nid: ", id, "\ndata: ", JsonObject().add("reason", reason).take(), "\n\n");
}

}  // namespace foodorder::order
