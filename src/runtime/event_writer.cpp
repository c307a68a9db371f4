#include "foodorder/runtime/event_writer.hpp"

#include "event_memo.hpp"
#include "foodorder/runtime/delivery.hpp"
#include "foodorder/runtime/topics.hpp"
#include "trace_context.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <chrono>

namespace foodorder {

namespace {

std::string_view type_of(OrderAction action) noexcept {
  switch (action) {
    case OrderAction::created:
      return "foodorder.order.created";
    case OrderAction::updated:
      return "foodorder.order.updated";
    case OrderAction::deleted:
      return "foodorder.order.deleted";
  }
  return "foodorder.order";
}

}  // namespace

EventWriter::EventWriter(Clock& clock, IdSource& ids, std::string source)
    : clock_(clock), ids_(ids), source_(std::move(source)) {}

Record EventWriter::originate(std::string_view type, std::string key, std::optional<std::string> value,
                              std::optional<std::string_view> traceparent) {
  Record record(std::move(key), std::move(value));
  stamp(record, type, ids_.uuid(), traceparent);
  return record;
}

OrderRecord EventWriter::order_event(const OrderEvent& event, std::optional<std::string_view> traceparent,
                                     const CreationKey* key) {
  JsonObject body = begin_body();
  add_members(body, event);
  Record record(event.order.id, finish_body(std::move(body)));
  std::string id = ids_.uuid();
  if (key) id = key->event_id;
  const Timestamp time = stamp(record, type_of(event.action), id, traceparent);
  if (key) record.headers.add(headers::body_hash, key->body_hash);
  OrderRecord written{ProducerRecord(std::string(topics::orders), std::move(record)), std::move(id), time};
  remember(written.outgoing.record, event);
  return written;
}

ProducerRecord EventWriter::finish_audit(const ConsumerRecord& cause, std::string_view type, const AuditHead& head,
                                         std::int64_t count, JsonObject body) {
  Record record = derive(cause, type, head.action, std::string(head.order_id), finish_body(std::move(body)), count);
  ProducerRecord event(std::string(topics::audit), std::move(record));
  remember(event.record, EventHeadView{source_, head.action, head.order_id, to_iso_millis(head.timestamp).view()});
  return event;
}

/// The memory of the last body: a value takes no more than its own size in the log.
JsonObject EventWriter::begin_body() { return JsonObject(std::move(body_)); }

std::string EventWriter::finish_body(JsonObject body) {
  body_ = body.take();
  std::string value = body_;
  body_.clear();
  return value;
}

Record EventWriter::derive(const ConsumerRecord& cause, std::string_view type, std::string_view action,
                           std::optional<std::string> key, std::optional<std::string> value, std::int64_t count) {
  std::string room;
  const std::string_view cause_id = event_id(cause, room);
  const fmt::format_int attempt(count);
  const auto id = uuid_from_hash({cause_id, "\n", source_, "\n", action, "\n", {attempt.data(), attempt.size()}});
  Record record(std::move(key), std::move(value));
  stamp(record, type, id, find_header(cause.record->headers, headers::traceparent));
  record.headers.add(headers::ce_causationid, cause_id);
  return record;
}

ProducerRecord EventWriter::dead_letter(const ConsumerRecord& given_up, std::string_view type, std::string_view reason,
                                        std::optional<std::string> key, std::optional<std::string> value) {
  Record letter =
      derive(given_up, type, "dead-letter", std::move(key), std::move(value), retry_count(*given_up.record));
  add_origin(letter.headers, given_up.position.tp, given_up.position.offset, reason);
  if (const auto count = find_header(given_up.record->headers, headers::redrive_count))
    letter.headers.add(headers::redrive_count, *count);
  return ProducerRecord(std::string(topics::orders_dlq), std::move(letter));
}

Record EventWriter::retry(const ConsumerRecord& cause, std::int64_t count) {
  Record record(cause.record->key, cause.record->value);
  for (const Header& header : cause.record->headers)
    if (header.name != headers::retry_count) record.headers.add(header);
  record.headers.add(headers::retry_count, std::to_string(count));
  if (!find_header(record.headers, headers::ce_id)) record.headers.add(headers::ce_id, event_id(cause));
  return record;
}

Timestamp EventWriter::stamp(Record& record, std::string_view type, std::string_view id,
                             std::optional<std::string_view> parent) {
  // Names and values of fixed sizes, those that are added later among them.
  constexpr std::size_t fixed_bytes = 252;
  const Timestamp now = clock_.stamp();
  record.timestamp = std::chrono::floor<std::chrono::milliseconds>(now);  // as logs keep it
  record.headers.reserve(8, fixed_bytes + source_.size() + type.size());
  FixedText trace("00-................................-................-01");
  if (const auto followed = parent ? trace_id_of(*parent) : std::nullopt)
    std::ranges::copy(*followed, trace.part(3, 32).begin());
  else
    ids_.put_hex(trace.part(3, 32));
  ids_.put_hex(trace.part(36, 16));
  record.headers.add({Header(headers::ce_id, id), Header(headers::ce_source, source_), Header(headers::ce_type, type),
                      Header(headers::ce_specversion, "1.0"), Header(headers::ce_time, to_iso_micros(now).view()),
                      Header(headers::traceparent, trace.view())});
  return now;
}

}  // namespace foodorder
