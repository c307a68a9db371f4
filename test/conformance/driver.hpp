#pragma once

#include "suite.hpp"

namespace foodorder::conformance {

/// Runs every case on that backend inside the current Catch2 test: each failure is a failed check that names its
/// case. At the end it prints what was skipped and why.
void check_conformance(const Backend& backend);

}  // namespace foodorder::conformance
