#include "driver.hpp"

#include "support/catch.hpp"

#include <fmt/format.h>
#include <cstdlib>

namespace foodorder::conformance {

void check_conformance(const Backend& backend) {
  // For those who look for a fault: only cases with that text in their names, each told as it begins.
  const char* only = std::getenv("CONFORMANCE_ONLY");
  std::string skipped;
  int ran = 0;
  for (const Case& the_case : all_cases()) {
    if (only && the_case.name.find(only) == std::string_view::npos) continue;
    if (only) fmt::print(stderr, "{}: {}\n", backend.name, the_case.name);
    const Outcome outcome = run_case(the_case, backend);
    if (outcome.skipped) {
      skipped += fmt::format("skipped on {}: {}: {}\n", backend.name, the_case.name, *outcome.skipped);
      continue;
    }
    ++ran;
    INFO(backend.name << ": " << the_case.name);
    for (const std::string& failure : outcome.report.failures()) FAIL_CHECK(failure);
    CHECK(outcome.report.clean());
  }
  fmt::print("{} cases ran on {}\n{}", ran, backend.name, skipped);
}

}  // namespace foodorder::conformance
