#include "foodorder/runtime/settings.hpp"
