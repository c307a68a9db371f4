#pragma once

#include "foodorder/runtime/module.hpp"

#include <span>
#include <string>
#include <vector>

namespace foodorder {

/// All modules there are: those that are linked in, then that of each plugin, which is loaded for as long as the
/// process lives. Throws std::runtime_error with one line that names the file and why it is refused.
std::vector<ModuleKind> all_modules(std::span<const ModuleKind> builtin, std::span<const std::string> plugin_files);

}  // namespace foodorder
