#pragma once

#include "foodorder/base/result.hpp"
#include "foodorder/bus/record.hpp"
#include "foodorder/domain/order.hpp"

#include <optional>
#include <string>

// Parses the body of an event once for all modules that read the same record at about the same time. A record that this
// process has written is not parsed at all. A returned reference is valid until the next call.

namespace foodorder {

/// The strings at the top of any event's body, as far as it has them.
struct EventHead {
  bool operator==(const EventHead&) const = default;

  std::optional<std::string> source;
  std::optional<std::string> action;
  std::optional<std::string> order_id;
  std::optional<std::string> timestamp;
};

/// Errors: no JSON, or no value.
const Result<EventHead>& event_head(const ConsumerRecord& record);

/// parse_order_event() of a record of `orders`. Errors: no such event, or no value.
const Result<OrderEvent>& order_event(const ConsumerRecord& record);

}  // namespace foodorder
