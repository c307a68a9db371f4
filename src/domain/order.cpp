#include "foodorder/domain/order.hpp"
