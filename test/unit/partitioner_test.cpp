#include "bus/partitioner.hpp"
#include "support/catch.hpp"

#include <set>
#include <string>

using namespace foodorder;

TEST_CASE("murmur2 gives the hashes that Kafka publishes") {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  const auto hash = [](std::string_view key) { return static_cast<std::int32_t>(murmur2(key)); };
  CHECK(hash("21") == -973932308);
  CHECK(hash("foobar") == -790332482);
  CHECK(hash("a-little-bit-long-string") == -985981536);
  CHECK(hash("a-little-bit-longer-string") == -1486304829);
  CHECK(hash("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8") == -58897971);
  CHECK(hash("abc") == 479470107);
}

TEST_CASE("murmur2 takes bytes, and the empty key") {
  CHECK(murmur2(std::string_view("\xff\xfe\0\x80", 4)) != murmur2(std::string_view("\x7f\x7e\0\0", 4)));
  CHECK(murmur2(std::string_view("\0", 1)) != murmur2(""));
  CHECK(partition_for_key("", 3) == partition_for_key("", 3));
}

TEST_CASE("A partition is the positive hash modulo the partitions, never negative") {
  CHECK(partition_for_key("21", 3) == (-973932308 & 0x7fffffff) % 3);
  CHECK(partition_for_key("abc", 1000) == 479470107 % 1000);
  std::set<std::int32_t> used;
  for (int i = 0; i < 1000; ++i) {
    const std::int32_t partition = partition_for_key("order-" + std::to_string(i), 3);
    REQUIRE(partition >= 0);
    REQUIRE(partition < 3);
    used.insert(partition);
  }
  CHECK(used.size() == 3);
}
