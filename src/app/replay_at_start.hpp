#pragma once

#include "foodorder/base/task.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "runtime/supervisor.hpp"

#include <functional>
#include <string>

namespace foodorder::app {

/// Takes one line for the terminal, without its end.
using PrintLine = std::function<void(const std::string& line)>;

/// `--replay`: lets an instance, which has been started, read its log again, and tells how far it is, each second while
/// that changes, and in words what came of it, each difference included. Completes when that is told, with whether the
/// replay came to its end.
Task<bool> replay_at_start(Supervisor& supervisor, EventBus& bus, Clock& clock, std::string instance, PrintLine print);

}  // namespace foodorder::app
