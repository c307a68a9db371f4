#include "rest_order_book.hpp"

#include "foodorder/base/join.hpp"
#include "foodorder/base/json.hpp"
#include "messages.hpp"
#include "rules/messages.hpp"
#include "rules/order_changes.hpp"

#include <fmt/format.h>

namespace foodorder::rest {

namespace {

using order::Booked;
using order::Refusal;
using order::TaggedOrder;

constexpr std::string_view skipped = "FRAUD_CHECK_SKIPPED";

/// {customerName, alerts, windowStats}.
std::string findings_of(const json::object& verdict) {
  json::object findings;
  for (const char* name : {"customerName", "alerts", "windowStats"})
    if (const json::value* value = verdict.if_contains(name)) findings[name] = *value;
  return serialize_json(findings);
}

database::Verdict note_of(const OrderEvent& event) {
  database::Verdict note;
  note.action = skipped;
  note.body = JsonObject()
                  .add("source", "order-service")
                  .add("action", skipped)
                  .add("orderId", event.order.id)
                  .add_object("order", [&](JsonObject& inner) { add_members(inner, event.order); })
                  .add("timestamp", event.timestamp)
                  .take();
  return note;
}

/// Of the step "place" of an order that was not placed by this request.
std::string_view word_of(const Booked<TaggedOrder>& answer) {
  if (answer || answer.error().why == Refusal::Why::key_reused) return "known";
  if (answer.error().why == Refusal::Why::fraud) return "blocked";
  return answer.error().why == Refusal::Why::check_failed ? "refused" : "failed";
}

}  // namespace

RestOrderBook::RestOrderBook(const Parts& parts)
    : parts_(parts), table_({parts.store.orders(), parts.clock, parts.ids, no_gate_, parts.live, true}) {}

Task<Booked<TaggedOrder>> RestOrderBook::place(const order::NewOrder& wanted) {
  const Timestamp begun = parts_.clock.now();
  std::string id = wanted.key ? order::id_from_key(*wanted.key) : parts_.ids.uuid();
  std::optional<std::string> body_hash;
  if (wanted.key) body_hash = order::body_hash(wanted.fields);
  KeyedPlacings::Begun with_key = co_await parts_.placings.begin(id, body_hash);
  if (with_key.shared) {
    database::OrderWrite write = table_.new_write(wanted.traceparent);
    write.event.order.id = std::move(id);
    keep(write, "place", begun, word_of(*with_key.shared));
    co_return std::move(*with_key.shared);
  }
  Made made = co_await make(wanted, std::move(id), std::move(body_hash));
  if (with_key.turn) with_key.turn->end(made.answer);
  if (made.is_new && !parts_.outbox) co_await tell(made.write, std::move(made.note));
  keep(made.write, "place", begun, made.is_new ? "placed" : word_of(made.answer));
  co_return std::move(made.answer);
}

Task<RestOrderBook::Made> RestOrderBook::make(const order::NewOrder& wanted, std::string id,
                                              std::optional<std::string> body_hash) {
  database::NewOrder order;
  order.body_hash = std::move(body_hash);
  const OrderEvent event = order::placing(std::move(id), wanted.fields, parts_.clock.now());
  order.write = table_.new_write(wanted.traceparent);
  order.write.event = event;
  order.write.adds_job = false;
  const auto refused = co_await check(order);
  Made made{refused.value_or(Refusal()), order.write, false, order.note};
  if (refused) co_return made;
  const Timestamp inserting = parts_.clock.now();
  auto placed = co_await parts_.store.orders().place(std::move(order));
  keep(made.write, "insert", inserting, placed ? "inserted" : "failed");
  if (placed) {
    made.is_new = placed->outcome == database::Placing::Outcome::placed;
    made.answer = table_.answer(std::move(*placed), event);
  } else {
    made.answer = monolith::refusal_of(placed.error(), event.order.id);
  }
  co_return made;
}

Task<std::optional<Refusal>> RestOrderBook::check(database::NewOrder& order) {
  const auto known = co_await is_placed(order);
  if (!known) co_return monolith::refusal_of(known.error(), order.write.event.order.id);
  if (*known) co_return std::nullopt;  // it was checked when it was placed
  auto refused = co_await ask_fraud(order);
  if (!refused) co_return std::nullopt;
  const auto meanwhile = co_await is_placed(order);  // by another process
  if (meanwhile && *meanwhile) co_return std::nullopt;
  co_return refused;
}

Task<Result<bool>> RestOrderBook::is_placed(const database::NewOrder& order) {
  if (!order.body_hash) co_return false;
  std::string id = order.write.event.order.id;
  auto known = co_await parts_.store.services().knows_key(std::move(id));
  co_return known;  // not const: a result<bool> is made of a const one by its operator bool
}

Task<std::optional<Refusal>> RestOrderBook::ask_fraud(database::NewOrder& order) {
  const OrderEvent& event = order.write.event;
  calls::Call call = order_call(order.write);
  const auto answer = co_await parts_.arrows.check.caller->call(std::move(call));
  if (!answer && parts_.on_fraud_down == OnFraudDown::reject)
    co_return Refusal(Refusal::Why::check_failed, event.order.id,
                      fmt::format("the fraud check gave no verdict: {}", answer.error().message));
  if (!answer) {
    order.note = note_of(event);
    co_return std::nullopt;
  }
  const auto verdict = parse_json(answer->body);
  const json::object& body = verdict->get_object();  // is_verdict() has seen it
  if (body.contains("blocked")) co_return Refusal(Refusal::Why::fraud, event.order.id, findings_of(body));
  co_return std::nullopt;
}

Task<Booked<TaggedOrder>> RestOrderBook::change(const order::OrderChange& wanted) {
  const Timestamp now = parts_.clock.now();
  database::OrderWrite write = table_.new_write(wanted.traceparent);
  write.adds_job = false;
  database::OrderWrite made = write;
  auto changed = co_await table_.change_by(wanted, std::move(made), now);
  if (!changed) co_return changed;
  write.event.action = wanted.action;
  write.event.order = changed->order;
  write.event.timestamp = from_unix_millis(to_unix_millis(now));
  keep(write, "insert", now, "inserted");
  std::optional<database::Verdict> none;
  if (!parts_.outbox) co_await tell(write, std::move(none));
  keep(write, "change", now, to_string(wanted.action));
  co_return changed;
}

void RestOrderBook::keep(const database::OrderWrite& write, std::string_view step, Timestamp begun,
                         std::string_view outcome) {
  parts_.arrows.trees.add(write.event.order.id,
                          Step{std::string(step), write.trace_id, begun, parts_.clock.now(), std::string(outcome)});
}

/// At the same time, and the customer waits for both: that is what an order costs here.
Task<> RestOrderBook::tell(database::OrderWrite write, std::optional<database::Verdict> note) {
  std::vector<Task<>> parts;
  parts.push_back(tell_notification(order_call(write)));
  parts.push_back(tell_audit(logged_event_of(write)));
  if (note) {
    database::LoggedEvent event = logged_event_of(write);
    event.action = note->action;
    event.body = note->body;
    event.id = derived_id(event.cause_id, event.source, event.action, 0);
    event.at = write.time + Duration(2);
    parts.push_back(tell_audit(std::move(event)));
  }
  co_await join(std::move(parts));
}

Task<> RestOrderBook::tell_notification(calls::Call call) { co_await parts_.arrows.notify.tell(std::move(call)); }

Task<> RestOrderBook::tell_audit(database::LoggedEvent event) {
  calls::Call call = audit_call(event);
  co_await parts_.arrows.audit.tell(std::move(call));
}

}  // namespace foodorder::rest
