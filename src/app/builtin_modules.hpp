#pragma once

#include "foodorder/runtime/module.hpp"

#include <span>

namespace foodorder {

/// The modules that are linked into the program.
std::span<const ModuleKind> builtin_modules();

}  // namespace foodorder
