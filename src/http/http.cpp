#include "foodorder/http/http.hpp"
