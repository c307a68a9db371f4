#include "messages.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"

#include <fmt/format.h>

namespace foodorder {

std::string derived_id(std::string_view cause_id, std::string_view source, std::string_view action,
                       std::int64_t retry_count) {
  const fmt::format_int count(retry_count);
  return std::string(uuid_from_hash({cause_id, "\n", source, "\n", action, "\n", {count.data(), count.size()}}).text());
}

}  // namespace foodorder

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
