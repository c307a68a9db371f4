#pragma once

#include "foodorder/runtime/module.hpp"

namespace foodorder {

/// The order service: REST, the live feed and the events that follow from each order record.
ModuleKind order_kind();

}  // namespace foodorder
