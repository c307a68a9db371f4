#pragma once

#include "../../../src/bus/memory_log.hpp"  // breach: public
#include "foodorder/base/ids.hpp"
