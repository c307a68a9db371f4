#pragma once

#include "foodorder/domain/order.hpp"

#include <string>

namespace foodorder::test {

inline constexpr Timestamp sample_time{std::chrono::seconds(1'770'000'000)};

/// Something that happened to the order with that id: one Pizza for Alice.
inline OrderEvent sample_event(OrderAction action, std::string id, std::int64_t quantity = 1) {
  OrderEvent event;
  event.action = action;
  event.order.id = std::move(id);
  event.order.customer_name = "Alice";
  event.order.item = "Pizza";
  event.order.quantity = quantity;
  event.order.status = to_string(action);
  event.order.created_at = event.timestamp = sample_time;
  return event;
}

}  // namespace foodorder::test
