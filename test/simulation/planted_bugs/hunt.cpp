#include "hunt.hpp"

#include "foodorder/base/log.hpp"

#include <fmt/format.h>
#include <cstdio>

namespace foodorder::simulation {

std::optional<Caught> hunt(const Make& make, std::uint64_t seeds_max) {
  log::set_level(log::Level::error);
  for (std::uint64_t seed = 1; seed <= seeds_max; ++seed) {
    const Outcome outcome = simulate(make, seed, false);
    if (!outcome.violations.empty()) return Caught{seed, outcome.violations.front()};
  }
  return {};
}

void print_row(std::string_view bug, const std::optional<Caught>& caught) {
  if (caught)
    fmt::print("| {} | {} | `{}` |\n", bug, caught->seeds, caught->violation.rule);
  else
    fmt::print("| {} | not caught | |\n", bug);
  std::fflush(stdout);
}

}  // namespace foodorder::simulation
