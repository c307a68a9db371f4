#pragma once

#include "foodorder/runtime/settings.hpp"
#include "http/json_body.hpp"

#include <string_view>
#include <vector>

namespace foodorder::app {

using Problems = std::vector<http::ProblemField>;
using http::check_fields;
using http::read_object;
using http::unprocessable;

/// Names each setting that is unknown or wrong, and what is allowed; `prefix` stands before the names.
void check_settings(const std::vector<SettingSpec>& specs, const json::object& settings, std::string_view prefix,
                    Problems& problems);

}  // namespace foodorder::app
