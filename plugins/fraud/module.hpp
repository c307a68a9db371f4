#pragma once

#include "foodorder/runtime/module.hpp"

namespace foodorder {

/// Judges every new order by sliding windows over the stream of orders.
ModuleKind fraud_kind();

}  // namespace foodorder
