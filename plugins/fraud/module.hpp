#pragma once

#include "foodorder/runtime/module.hpp"

namespace foodorder {

/// Judges every new order by sliding windows over the stream of orders.
ModuleKind fraud_kind();

/// The same for a process that only replays: its instances join no group, emit nothing and replay once, with the
/// settings of their start.
ModuleKind fraud_replay_kind();

}  // namespace foodorder
