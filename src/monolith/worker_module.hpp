#pragma once

#include "database/store.hpp"
#include "foodorder/runtime/module.hpp"

#include <memory>

namespace foodorder::monolith {

/// A worker of the job queue: it notifies, or fails by the rules of the notification service.
std::unique_ptr<Module> make_worker_module(ModuleContext context, database::Store& store);

}  // namespace foodorder::monolith
