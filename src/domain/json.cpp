#include "foodorder/domain/json.hpp"
