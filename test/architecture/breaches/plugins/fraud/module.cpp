#include "foodorder/runtime/module.hpp"
#include "order/order_store.hpp"  // breach: floor
