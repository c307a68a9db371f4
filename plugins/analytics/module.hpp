#pragma once

#include "foodorder/runtime/module.hpp"

namespace foodorder {

/// Counts orders, revenue and notifications, and tells after each order.
ModuleKind analytics_kind();

}  // namespace foodorder
