#pragma once

#include "call_judge.hpp"
#include "database/service_tables.hpp"
#include "plan.hpp"

#include <vector>

namespace foodorder::simulation {

/// Counts again what the fraud service has counted, in the order of its verdicts, which its own table has: each order
/// once, however often it was checked. `journal` is all of that table.
void check_counts(const std::vector<database::JournalRow>& journal, const Plan& plan, const Complain& complain);

}  // namespace foodorder::simulation
