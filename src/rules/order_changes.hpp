#pragma once

#include "foodorder/domain/order.hpp"

#include <string>
#include <string_view>

// What a request makes of an order. Pure.

namespace foodorder::order {

/// The event that places an order.
OrderEvent placing(std::string id, const OrderFields& fields, Timestamp now);

/// The event that updates or deletes `order`: its status is the action's name, unless `fields` give a word of the
/// client's own.
OrderEvent changing(const Order& order, OrderAction action, const OrderFields& fields, Timestamp now);

/// What the order service tells of an event on `audit`: {source, action, orderId, order, timestamp}.
std::string audit_body(const OrderEvent& event);

/// The id of the order that is placed under this Idempotency-Key: the UUIDv5 of the key.
std::string id_from_key(std::string_view key);

/// What two requests with one key must have in common: a fingerprint of the fields, so that white space and the
/// order of fields make no difference.
std::string body_hash(const OrderFields& fields);

}  // namespace foodorder::order
