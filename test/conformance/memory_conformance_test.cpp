#include "driver.hpp"
#include "support/catch.hpp"

#include <set>

using namespace foodorder::conformance;

TEST_CASE("The memory bus means what Kafka means") { check_conformance(memory_backend()); }

// Not part of the usual run, it takes minutes: `conformance_memory "[real-time]"`.
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
