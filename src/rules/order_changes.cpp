#include "order_changes.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

/// A restart reads times back from JSON: in memory they are as exact as there.
Timestamp in_millis(Timestamp time) { return from_unix_millis(to_unix_millis(time)); }

}  // namespace

OrderEvent placing(std::string id, const OrderFields& fields, Timestamp now) {
  OrderEvent event;
  event.timestamp = in_millis(now);
  event.order.id = std::move(id);
  event.order.status = to_string(OrderAction::created);
  event.order.created_at = event.timestamp;
  merge(event.order, fields);
  return event;
}

OrderEvent changing(const Order& order, OrderAction action, const OrderFields& fields, Timestamp now) {
  OrderEvent event;
  event.action = action;
  event.order = order;
  event.order.status = to_string(action);
  event.timestamp = in_millis(now);
  merge(event.order, fields);
  return event;
}

std::string audit_body(const OrderEvent& event) {
  return JsonObject()
      .add("source", "order-service")
      .add("action", to_string(event.action))
      .add("orderId", event.order.id)
      .add_object("order", [&](JsonObject& inner) { add_members(inner, event.order); })
      .add("timestamp", event.timestamp)
      .take();
}

std::string id_from_key(std::string_view key) { return uuid_from_name(key); }

std::string body_hash(const OrderFields& fields) { return fmt::format("{:016x}", stable_hash(fingerprint(fields))); }

}  // namespace foodorder::order
