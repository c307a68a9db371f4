#include "planted_bus.hpp"
#include "suite.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>

// Shows that each case of the suite can fail: every bug below is planted into a memory bus that is right, and the
// cases that it names have to catch it.

using namespace foodorder::conformance;

namespace {

std::vector<Bug> all_bugs() {
  std::vector<Bug> all;
  for (const auto& bugs :
       {producing_bugs, record_bugs, consuming_bugs, position_bugs, group_bugs, commit_bugs, log_bugs, topic_bugs})
    std::ranges::move(bugs(), std::back_inserter(all));
  return all;
}

Backend planted(Hooks (*plant)()) {
  Backend backend = memory_backend();
  backend.make_bus = [right = backend.make_bus, plant](Stage& stage) {
    return make_planted_bus(right(stage), plant(), stage.executor());
  };
  return backend;
}

}  // namespace

TEST_CASE("The bus that bugs are planted in is right without them") {
  const Backend backend = planted([] { return Hooks(); });
  for (const Case& the_case : all_cases()) {
    const Outcome outcome = run_case(the_case, backend);
    INFO(the_case.name);
    for (const std::string& failure : outcome.report.failures()) FAIL_CHECK(failure);
    CHECK(outcome.report.clean());
  }
}

TEST_CASE("Every planted bug is caught by the cases that are there for it") {
  const std::vector<Case> cases = all_cases();
  for (const Bug& bug : all_bugs()) {
    INFO(bug.name);
    CHECK(!bug.caught_by.empty());
    fmt::print("{}\n", bug.name);
    for (const std::string_view name : bug.caught_by) {
      INFO(name);
      const auto found = std::ranges::find(cases, name, &Case::name);
      REQUIRE(found != cases.end());
      const Outcome outcome = run_case(*found, planted(bug.plant));
      CHECK(!outcome.report.clean());
      if (!outcome.report.clean()) fmt::print("  caught by: {}\n    {}\n", name, outcome.report.failures().front());
    }
  }
}

TEST_CASE("Every case of the suite catches some planted bug") {
  std::set<std::string_view> catching;
  for (const Bug& bug : all_bugs()) catching.insert(bug.caught_by.begin(), bug.caught_by.end());
  for (const Case& the_case : all_cases()) {
    if (reason_to_skip(the_case, memory_backend(), foodorder::Features())) continue;
    INFO(the_case.name);
    CHECK(catching.contains(the_case.name));
  }
}
