#pragma once

#include "database/job_queue.hpp"
#include "foodorder/base/json.hpp"

#include <vector>

namespace foodorder::monolith {

/// As `GET /api/jobs` gives them.
json::array to_json(const std::vector<database::ShownJob>& jobs);

}  // namespace foodorder::monolith
