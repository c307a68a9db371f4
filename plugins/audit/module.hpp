#pragma once

#include "foodorder/runtime/module.hpp"

namespace foodorder {

/// Writes one structured log line, at level info, for every event on `audit`.
ModuleKind audit_kind();

}  // namespace foodorder
