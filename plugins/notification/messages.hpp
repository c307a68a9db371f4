#pragma once

#include "foodorder/domain/order.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// The bodies that the notification service writes.

namespace foodorder::notification {

/// On `audit`: {source, action, orderId, instanceId, retryCount, timestamp}.
std::string audit_body(std::string_view action, std::string_view order_id, std::string_view instance_id,
                       std::int64_t retry_count, Timestamp now);

/// On `orders-dlq`: {action, order, reason, instanceId, timestamp}.
std::string dead_letter_body(const OrderEvent& event, std::string_view reason, std::string_view instance_id,
                             Timestamp now);

}  // namespace foodorder::notification
