#include "rules/retry_policy.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/bus/record.hpp"  // breach: rules
#include "order/order_store.hpp"     // breach: rules
