#include "foodorder/runtime/plugin.hpp"

#include "module.hpp"

FOODORDER_PLUGIN(foodorder::loyalty_kind);
