#pragma once

#include "foodorder/bus/record.hpp"
#include "foodorder/domain/order.hpp"

#include <memory>
#include <optional>
#include <string_view>

// What EventWriter tells the readers in event_body.hpp, so that they mostly need not parse.

namespace foodorder {

/// An EventHead that is told, not kept.
struct EventHeadView {
  std::optional<std::string_view> source;
  std::optional<std::string_view> action;
  std::optional<std::string_view> order_id;
  std::optional<std::string_view> timestamp;
};

/// What event_head() would read in the body of `record`.
void remember(const std::shared_ptr<const Record>& record, const EventHeadView& head);
/// What event_head() and order_event() would read there.
void remember(const std::shared_ptr<const Record>& record, const OrderEvent& event);

}  // namespace foodorder
