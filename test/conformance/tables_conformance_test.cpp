#include "driver.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <algorithm>

using namespace foodorder::conformance;

TEST_CASE("The tables of the monolith are read as a log of Kafka is") { check_conformance(tables_backend()); }

TEST_CASE("What tables cannot do is declared, and counted") {
  const Backend backend = tables_backend();
  const auto stage = backend.make_stage();
  const auto features = backend.make_bus(*stage)->features();
  const std::vector<Case> cases = all_cases();
  const auto read = std::count_if(cases.begin(), cases.end(),
                                  [&](const Case& the_case) { return !reason_to_skip(the_case, backend, features); });
  fmt::print("tables: {} of {} cases\n", read, cases.size());
  CHECK(read == 18);
}
