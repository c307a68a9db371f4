#pragma once

#include "foodorder/bus/record.hpp"
#include "foodorder/http/http.hpp"
