#pragma once

#include "foodorder/runtime/settings.hpp"

#include <vector>

namespace foodorder::notification {

std::vector<SettingSpec> settings();

}  // namespace foodorder::notification
