#include "messages.hpp"

#include "foodorder/base/json.hpp"

namespace foodorder::notification {

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
