#include "messages.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/json.hpp"

namespace foodorder::notification {

std::string audit_body(std::string_view action, std::string_view order_id, std::string_view instance_id,
                       std::int64_t retry_count, Timestamp now) {
  JsonObject body;
  body.reserve(240);
  return body.add("source", "notification-service")
      .add("action", action)
      .add("orderId", order_id)
      .add("instanceId", instance_id)
      .add("retryCount", retry_count)
      .add("timestamp", now)
      .take();
}

std::string dead_letter_body(const OrderEvent& event, std::string_view reason, std::string_view instance_id,
                             Timestamp now) {
  return JsonObject()
      .add("action", to_string(event.action))
      .add_object("order", [&](JsonObject& inner) { add_members(inner, event.order); })
      .add("reason", reason)
      .add("instanceId", instance_id)
      .add("timestamp", now)
      .take();
}

}  // namespace foodorder::notification
