#include "foodorder/runtime/module.hpp"
#include "bus/memory_log.hpp"     // breach: public
#include "order/order_store.hpp"  // breach: floor
#include "rules/retry_policy.hpp"
