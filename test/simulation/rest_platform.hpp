#pragma once

#include "table_platform.hpp"

namespace foodorder::simulation {

/// Services that call each other: each has a database in memory, with the program's own SQL, and what they say to each
/// other goes over a network of the simulator's.
std::unique_ptr<Platform> make_rest_platform(TablePlatformParts parts);

}  // namespace foodorder::simulation
