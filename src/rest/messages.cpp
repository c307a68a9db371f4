#include "messages.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/number.hpp"
#include "rules/messages.hpp"
#include "rules/order_changes.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::rest {

namespace {

constexpr std::size_t id_max = 100;
// Longer deadlines are somebody's mistake, and count as this.
constexpr std::int64_t deadline_max_ms = 600'000;

void add_attributes(calls::Call& call, std::string_view id, std::string_view source, std::string_view type,
                    Timestamp time, std::string_view trace_id) {
  call.headers.emplace_back("ce-specversion", "1.0");
  call.headers.emplace_back("ce-id", id);
  call.headers.emplace_back("ce-source", source);
  call.headers.emplace_back("ce-type", type);
  call.headers.emplace_back("ce-time", to_iso_micros(time).view());
  call.headers.emplace_back("traceparent", fmt::format("00-{}-{:016x}-01", trace_id, stable_hash(id) | 1));
}

struct Attributes {
  std::string id;
  std::string trace_id;
  Timestamp time{};
};

Error wrong(std::string_view what) { return Error(Errc::invalid_argument, std::string(what)); }

Result<Attributes> attributes_of(const http::Request& request) {
  Attributes attributes;
  attributes.id = request.header("ce-id").value_or("");
  if (attributes.id.empty() || attributes.id.size() > id_max) return wrong("ce-id must be 1 to 100 characters");
  const auto time = parse_iso(request.header("ce-time").value_or(""));
  if (!time) return wrong("ce-time must be a time, as RFC 3339 has it");
  attributes.time = *time;
  const auto trace = Traceparent::parse(request.header("traceparent").value_or(""));
  if (!trace) return wrong("traceparent must be one of W3C Trace Context, version 00");
  attributes.trace_id = trace->trace_id();
  return attributes;
}

bool is_json(const http::ClientAnswer& answer) { return http::is_json_content_type(answer.content_type); }

}  // namespace

calls::Call order_call(const database::OrderWrite& write) {
  calls::Call call;
  call.subject = write.event.order.id;
  call.event = to_string(write.event.action);
  call.body = to_json(write.event);
  add_attributes(call, write.event_id, "order-service",
                 fmt::format("foodorder.order.{}", to_string(write.event.action)), write.time, write.trace_id);
  return call;
}

Result<database::OrderWrite> order_write_of(const http::Request& request) {
  auto attributes = attributes_of(request);
  if (!attributes) return attributes.error();
  auto event = parse_order_event(request.body);
  if (!event) return event.error();
  database::OrderWrite write;
  write.event = std::move(*event);
  write.event_id = std::move(attributes->id);
  write.trace_id = std::move(attributes->trace_id);
  write.time = attributes->time;
  return write;
}

calls::Call audit_call(const database::LoggedEvent& event) {
  calls::Call call;
  call.subject = event.order_id;
  call.event = event.action;
  call.body = event.body;
  add_attributes(call, event.id, event.source, "foodorder.audit", event.at, event.trace_id);
  call.headers.emplace_back("ce-causationid", event.cause_id);
  return call;
}

Result<database::LoggedEvent> logged_event_of(const http::Request& request) {
  auto attributes = attributes_of(request);
  if (!attributes) return attributes.error();
  const auto body = parse_json(request.body);
  if (!body || !body->is_object()) return wrong("the body must be a JSON object");
  const json::object& object = body->get_object();
  database::LoggedEvent event;
  event.source = text_at(object, "source");
  event.action = text_at(object, "action");
  event.order_id = text_at(object, "orderId");
  event.cause_id = request.header("ce-causationid").value_or("");
  if (event.source.empty() || event.action.empty() || event.order_id.empty() || event.cause_id.empty())
    return wrong("an audit event has a source, an action, an orderId, and a ce-causationid");
  if (const json::value* count = object.if_contains("retryCount"))
    event.retry_count = count->is_int64() ? std::max<std::int64_t>(count->get_int64(), 0) : 0;
  event.id = std::move(attributes->id);
  event.trace_id = std::move(attributes->trace_id);
  event.at = attributes->time;
  event.body = request.body;
  return event;
}

database::LoggedEvent logged_event_of(const database::OrderWrite& write) {
  database::LoggedEvent event;
  event.source = "order-service";
  event.action = to_string(write.event.action);
  event.order_id = write.event.order.id;
  event.cause_id = write.event_id;
  event.trace_id = write.trace_id;
  event.id = derived_id(event.cause_id, event.source, event.action, 0);
  event.body = order::audit_body(write.event);
  event.at = write.time + Duration(1);
  return event;
}

std::optional<Timestamp> deadline_of(const http::Request& request, Timestamp now) {
  const auto text = request.header(calls::deadline_header);
  const auto left = text ? parse_number<std::int64_t>(*text) : std::nullopt;
  if (!left) return {};
  return now + std::chrono::milliseconds(std::clamp<std::int64_t>(*left, 0, deadline_max_ms));
}

bool is_verdict(const http::ClientAnswer& answer) {
  if (answer.status != 200 || !is_json(answer)) return false;
  const auto body = parse_json(answer.body);
  if (!body || !body->is_object()) return false;
  const json::value* alerts = body->get_object().if_contains("alerts");
  return text_at(body->get_object(), "source") == "fraud-service" && alerts && alerts->is_array() &&
         body->get_object().contains("windowStats");
}

bool is_receipt(const http::ClientAnswer& answer) {
  if (answer.status < 200 || answer.status > 202 || !is_json(answer)) return false;
  const auto body = parse_json(answer.body);
  if (!body || !body->is_object()) return false;
  const json::value* taken = body->get_object().if_contains("taken");
  return taken && taken->is_bool();
}

http::Response receipt(bool taken, int status) {
  return http::json_response(JsonObject().add("taken", taken).take(), status);
}

}  // namespace foodorder::rest
