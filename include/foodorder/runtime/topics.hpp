#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace foodorder {

/// A topic of the program or of a plugin: created at start if absent. The order service reads those that tell of
/// orders, beside the consumer groups.
struct Topic : TopicSpec {
  using TopicSpec::TopicSpec;

  /// The `type` of its events on GET /events. Empty: they are not shown there.
  std::string event_type{};
  /// The history of an order and `verify` read it. So they do every topic that /events shows.
  bool about_orders = false;

  [[nodiscard]] bool on_events() const noexcept { return !event_type.empty(); }
};

namespace topics {

inline constexpr std::string_view orders = "orders";
inline constexpr std::string_view orders_dlq = "orders-dlq";
inline constexpr std::string_view audit = "audit";
inline constexpr std::string_view order_status = "order-status";
inline constexpr std::string_view module_control = "module-control";
inline constexpr std::string_view module_status = "module-status";

/// The topics of the program: the one place of their partition counts, settings and readers.
const std::vector<Topic>& table();

/// The same for EventBus: without their readers.
std::vector<TopicSpec> catalogue();

}  // namespace topics

}  // namespace foodorder
