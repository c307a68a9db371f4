#include "driver.hpp"

#include "support/catch.hpp"

#include <fmt/format.h>

namespace foodorder::conformance {

void check_conformance(const Backend& backend) {
  std::string skipped;
  int ran = 0;
  for (const Case& the_case : all_cases()) {
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
