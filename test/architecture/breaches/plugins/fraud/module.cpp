#include "foodorder/runtime/module.hpp"
#include "order/order_store.hpp"  // breach: floor
#include "rules/retry_policy.hpp"
