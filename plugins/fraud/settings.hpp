#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/runtime/settings.hpp"
#include "rules/fraud_rules.hpp"

#include <vector>

namespace foodorder::fraud {

std::vector<SettingSpec> setting_specs();

Limits limits_of(const Settings& settings);
Duration grace_of(const Settings& settings);

}  // namespace foodorder::fraud
