#pragma once

#include "foodorder/runtime/module.hpp"

#include <memory>

namespace foodorder::rest {

/// The figures of all orders and notifications, folded from what the services have logged.
std::unique_ptr<Module> make_statistics_module(const ModuleContext& context);

}  // namespace foodorder::rest
