#pragma once

#include "fault_bus.hpp"
#include "plan.hpp"
#include "platform.hpp"
#include "scheduler.hpp"

#include <functional>

namespace foodorder::simulation {

struct Make;

/// The events architecture: modules on a memory bus that fails as the plan has it.
struct LogPlatformParts {
  const Make& make;
  const Plan& plan;
  Clock& clock;
  Trace& trace;
  Scheduler& scheduler;
  Scheduler::Actor bus_actor;
  Scheduler::Actor own_actor;
  /// A group has committed these next offsets.
  std::function<void(const std::string& group, const std::vector<Position>& next)> committed;
};

std::unique_ptr<Platform> make_log_platform(LogPlatformParts parts);

}  // namespace foodorder::simulation
