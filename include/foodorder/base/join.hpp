#pragma once

#include "foodorder/base/task.hpp"

#include <vector>

namespace foodorder {

/// Runs all of `tasks` at the same time on the caller's executor and completes when all have ended. The first
/// exception comes out at once; the others then go on until their fault domain is ended.
Task<> join(std::vector<Task<>> tasks);

}  // namespace foodorder
