#include "request_body.hpp"

#include "foodorder/base/utf8.hpp"
#include "runtime/control.hpp"

#include <fmt/format.h>
#include <cmath>

namespace foodorder::app {

void check_settings(const std::vector<SettingSpec>& specs, const json::object& settings, std::string_view prefix,
                    Problems& problems) {
  Settings probe(specs);
  for (const auto& [name, value] : settings) {
    const auto read = settings_from_json(json::object{{name, value}});
    // A value that is neither a number nor a text fits no setting, and neither does "not a number".
    const auto set = probe.set(name, read ? read->begin()->second : SettingValue(std::nan("")));
    if (!set) problems.emplace_back(fmt::format("{}{}", prefix, shortened(name)), set.error().message);
  }
}

}  // namespace foodorder::app
