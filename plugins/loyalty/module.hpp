#pragma once

#include "foodorder/runtime/module.hpp"

namespace foodorder {

/// Gives customers points for their orders.
ModuleKind loyalty_kind();

}  // namespace foodorder
