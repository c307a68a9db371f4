#include "foodorder/base/ids.hpp"  // breach: floor
