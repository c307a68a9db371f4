#include "driver.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <fstream>
#include <iterator>
#include <set>

using namespace foodorder::conformance;

TEST_CASE("The memory bus means what Kafka means") { check_conformance(memory_backend()); }

// Not part of the usual run, it takes a minute: `conformance_memory "[real-time]"`.
TEST_CASE("The memory bus means what Kafka means, in real time", "[.][real-time]") {
  check_conformance(memory_in_real_time());
}

TEST_CASE("Every case has a name of its own") {
  std::set<std::string_view> names;
  for (const Case& the_case : all_cases()) CHECK(names.insert(the_case.name).second);
}

TEST_CASE("A backend without a feature skips the cases that need it, and says why") {
  foodorder::Features mock_cluster;
  mock_cluster.compaction = false;
  const Case compacts{"", nullptr, {Need::compaction}};
  const Case plain{"", nullptr};
  CHECK(reason_to_skip(compacts, memory_backend(), mock_cluster) == "it does not compact");
  CHECK(!reason_to_skip(plain, memory_backend(), mock_cluster));
  CHECK(!reason_to_skip(compacts, memory_backend(), foodorder::Features()));
}

TEST_CASE("docs/internals/conformance.md names every case and what it needs") {
  std::ifstream file(FOODORDER_SOURCE_DIR "/docs/internals/conformance.md");
  REQUIRE(file);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (const Subject& subject : all_subjects()) {
    CHECK(text.find(fmt::format("### {}\n", subject.title)) != std::string::npos);
    for (const Case& the_case : subject.cases) {
      std::string needs;
      for (const Need need : the_case.needs) needs += fmt::format("{}{}", needs.empty() ? "" : ", ", to_string(need));
      INFO(the_case.name);
      CHECK(text.find(fmt::format("| {} | {} |", the_case.name, needs)) != std::string::npos);
    }
  }
}
