#include "driver.hpp"

#include "support/catch.hpp"

#include <fmt/format.h>
#include <atomic>
#include <cstdlib>
#include <thread>

namespace foodorder::conformance {

namespace {

/// The outcomes of these cases, in their order.
std::vector<Outcome> run_all(const std::vector<Case>& cases, const Backend& backend, bool told) {
  std::vector<Outcome> outcomes(cases.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < cases.size(); i = next++) {
      outcomes[i] = run_case(cases[i], backend);
      if (told) fmt::print(stderr, "{}: {}: {}\n", backend.name, cases[i].name, outcomes[i].report.clean());
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < backend.cases_at_once; ++i) threads.emplace_back(work);
  work();
  for (std::thread& thread : threads) thread.join();
  return outcomes;
}

}  // namespace

void check_conformance(const Backend& backend) {
  // For those who look for a fault: only cases with that text in their names, each told when it has ended.
  const char* only = std::getenv("CONFORMANCE_ONLY");
  std::vector<Case> cases = all_cases();
  if (only) std::erase_if(cases, [&](const Case& one) { return one.name.find(only) == std::string_view::npos; });
  const std::vector<Outcome> outcomes = run_all(cases, backend, only != nullptr);
  std::string skipped;
  int ran = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const Outcome& outcome = outcomes[i];
    if (outcome.skipped) {
      skipped += fmt::format("skipped on {}: {}: {}\n", backend.name, cases[i].name, *outcome.skipped);
      continue;
    }
    ++ran;
    INFO(backend.name << ": " << cases[i].name);
    for (const std::string& failure : outcome.report.failures()) FAIL_CHECK(failure);
    CHECK(outcome.report.clean());
  }
  fmt::print("{} cases ran on {}\n{}", ran, backend.name, skipped);
}

}  // namespace foodorder::conformance
