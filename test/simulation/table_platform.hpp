#pragma once

#include "plan.hpp"
#include "platform.hpp"
#include "scheduler.hpp"
#include "trace.hpp"

namespace foodorder::simulation {

struct Make;

/// The monolith: one database in memory, with the program's own SQL, and one or two processes that work on it.
struct TablePlatformParts {
  const Make& make;
  const Plan& plan;
  Clock& clock;
  Trace& trace;
  Scheduler& scheduler;
  Scheduler::Actor database_actor;
  Scheduler::Actor own_actor;
  verify::Verifier& verifier;
};

std::unique_ptr<Platform> make_table_platform(TablePlatformParts parts);

}  // namespace foodorder::simulation
