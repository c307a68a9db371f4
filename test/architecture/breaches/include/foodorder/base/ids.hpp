#pragma once

#include "foodorder/bus/record.hpp"  // breach: floor
