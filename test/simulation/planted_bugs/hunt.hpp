#pragma once

#include "simulation/world.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace foodorder::simulation {

/// How a planted bug was found.
struct Caught {
  std::uint64_t seeds;  ///< worlds that it took
  verify::Violation violation;
};

/// Runs worlds with a bug in them until one breaks a promise; nothing if `seeds_max` of them were all right.
std::optional<Caught> hunt(const Make& make, std::uint64_t seeds_max);

/// A row of the table in docs/internals/simulation.md, to standard output.
void print_row(std::string_view bug, const std::optional<Caught>& caught);

}  // namespace foodorder::simulation
