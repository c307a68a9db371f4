#pragma once

#include "foodorder/domain/order.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace foodorder {

/// The id of what `source` makes of an event: the same however often it is made.
std::string derived_id(std::string_view cause_id, std::string_view source, std::string_view action,
                       std::int64_t retry_count);

}  // namespace foodorder

namespace foodorder::notification {

/// On `orders-dlq`: {action, order, reason, instanceId, timestamp}.
std::string dead_letter_body(const OrderEvent& event, std::string_view reason, std::string_view instance_id,
                             Timestamp now);

}  // namespace foodorder::notification
