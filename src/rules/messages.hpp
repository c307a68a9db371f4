#pragma once

#include "foodorder/domain/order.hpp"

#include <string>
#include <string_view>

namespace foodorder::notification {

/// On `orders-dlq`: {action, order, reason, instanceId, timestamp}.
std::string dead_letter_body(const OrderEvent& event, std::string_view reason, std::string_view instance_id,
                             Timestamp now);

}  // namespace foodorder::notification
