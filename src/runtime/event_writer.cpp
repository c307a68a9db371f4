#include "foodorder/runtime/event_writer.hpp"

#include "event_memo.hpp"
#include "foodorder/runtime/delivery.hpp"
#include "foodorder/runtime/topics.hpp"

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

std::optional<Traceparent> parse(std::optional<std::string_view> traceparent) {
  return traceparent ? Traceparent::parse(*traceparent) : std::nullopt;
}

Record seal(const Envelope& envelope, Record::Bytes key, Record::Bytes value) {
  // For what is added mostly: a cause, and two numbers.
  constexpr std::size_t more_bytes = 40;
  Record record(key, value, Headers(envelope, more_bytes));
  record.timestamp = std::chrono::floor<std::chrono::milliseconds>(envelope.time);  // as logs keep it
  return record;
}

}  // namespace

EventWriter::EventWriter(Clock& clock, IdSource& ids, std::string source)
    : clock_(clock), ids_(ids), source_(std::move(source)) {}

Record EventWriter::originate(std::string_view type, std::string_view key, Record::Bytes value,
                              std::optional<std::string_view> traceparent) {
  return seal(envelope(type, ids_.new_uuid(), parse(traceparent)), key, value);
}

OrderRecord EventWriter::order_event(const OrderEvent& event, std::optional<std::string_view> traceparent,
                                     const CreationKey* key) {
  const Uuid own_id = ids_.new_uuid();
  const Envelope sealed = envelope(type_of(event.action), key ? key->event_id : own_id, parse(traceparent));
  JsonObject body;
  add_members(body, event);
  Record record = seal(sealed, event.order.id, body.end());
  if (key) record.headers.add(headers::body_hash, key->body_hash);
  OrderRecord written{ProducerRecord(std::string(topics::orders), std::move(record)), sealed.id, sealed.time};
  remember(written.outgoing.record, event);
  return written;
}

ProducerRecord EventWriter::finish_audit(const ConsumerRecord& cause, std::string_view type, const AuditHead& head,
                                         std::int64_t count, std::string_view body) {
  Record record = derive(cause, type, head.action, head.order_id, body, count);
  ProducerRecord event(std::string(topics::audit), std::move(record));
  remember(event.record, EventHeadView{source_, head.action, head.order_id, to_iso_millis(head.timestamp).view()});
  return event;
}

Record EventWriter::derive(const ConsumerRecord& cause, std::string_view type, std::string_view action,
                           Record::Bytes key, Record::Bytes value, std::int64_t count) {
  const auto cause_uuid = find_uuid(cause.record->headers, headers::ce_id);
  std::string room;
  const HeaderText cause_id = cause_uuid ? HeaderText(cause_uuid->text()) : event_id(cause, room);
  const fmt::format_int attempt(count);
  const Uuid id = uuid_from_hash({cause_id, "\n", source_, "\n", action, "\n", {attempt.data(), attempt.size()}});
  const Envelope sealed = envelope(type, id, find_traceparent(cause.record->headers));
  Record record = seal(sealed, key, value);
  if (cause_uuid)
    record.headers.add(headers::ce_causationid, *cause_uuid);
  else
    record.headers.add(headers::ce_causationid, cause_id.view());
  return record;
}

ProducerRecord EventWriter::dead_letter(const ConsumerRecord& given_up, std::string_view type, std::string_view reason,
                                        Record::Bytes key, Record::Bytes value) {
  Record letter = derive(given_up, type, "dead-letter", key, value, retry_count(*given_up.record));
  add_origin(letter.headers, given_up.position.tp, given_up.position.offset, reason);
  if (const auto count = find_header(given_up.record->headers, headers::redrive_count))
    letter.headers.add(headers::redrive_count, *count);
  return ProducerRecord(std::string(topics::orders_dlq), std::move(letter));
}

Record EventWriter::retry(const ConsumerRecord& cause, std::int64_t count) {
  Record record(cause.record->key(), cause.record->value(), cause.record->headers);
  record.headers.remove(headers::retry_count);
  record.headers.add(headers::retry_count, count);
  if (!find_header(record.headers, headers::ce_id)) record.headers.add(headers::ce_id, event_id(cause));
  return record;
}

Envelope EventWriter::envelope(std::string_view type, const Uuid& id, const std::optional<Traceparent>& parent) {
  Traceparent trace = parent.value_or(Traceparent());
  if (!parent) {
    trace.trace_first = ids_.id_digits();
    trace.trace_second = ids_.id_digits();
  }
  trace.span = ids_.id_digits();
  trace.flags = Traceparent::sampled;
  return Envelope{id, source_, type, clock_.stamp(), trace};
}

}  // namespace foodorder
