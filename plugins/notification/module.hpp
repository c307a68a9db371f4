#pragma once

#include "foodorder/runtime/module.hpp"

namespace foodorder {

/// Notifies the customer of every record of `orders`, with simulated failures, retries and dead letters.
ModuleKind notification_kind();

}  // namespace foodorder
