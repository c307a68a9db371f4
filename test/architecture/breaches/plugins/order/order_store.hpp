#pragma once

#include "foodorder/runtime/module.hpp"
