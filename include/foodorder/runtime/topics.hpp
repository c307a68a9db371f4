#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <string_view>
#include <vector>

namespace foodorder::topics {

inline constexpr std::string_view orders = "orders";
inline constexpr std::string_view orders_dlq = "orders-dlq";
inline constexpr std::string_view audit = "audit";
inline constexpr std::string_view order_status = "order-status";
inline constexpr std::string_view module_control = "module-control";
inline constexpr std::string_view module_status = "module-status";

/// All topics of the program with their partitions, cleanup and settings: created at start if absent.
std::vector<TopicSpec> catalogue();

}  // namespace foodorder::topics
