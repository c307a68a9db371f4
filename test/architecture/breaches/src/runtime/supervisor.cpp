#include "foodorder/runtime/module.hpp"

#include <boost/beast/core.hpp>   // breach: socket
#include "order/order_store.hpp"  // breach: floor
