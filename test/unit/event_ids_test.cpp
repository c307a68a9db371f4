#include "foodorder/domain/event_ids.hpp"

#include "support/catch.hpp"

#include <set>
#include <string>

using namespace foodorder;

TEST_CASE("Ids that differ in one byte, or in their length alone, have keys of which both halves differ") {
  std::set<std::uint64_t> lows;
  std::set<std::uint64_t> highs;
  std::size_t ids = 0;
  const auto add = [&](const std::string& id) {
    ++ids;
    lows.insert(EventKey(id).low);
    highs.insert(EventKey(id).high);
  };
  const std::string uuid = "6f1c4b9e-2d5a-4b0e-9c3d-0a1b2c3d4e5f";
  for (std::size_t at = 0; at < uuid.size(); ++at) {
    for (int byte = 1; byte < 256; ++byte) {
      std::string other = uuid;
      other[at] = static_cast<char>(other[at] ^ byte);
      add(other);
    }
  }
  for (std::size_t size = 0; size < 40; ++size) add(std::string(size, '\0'));
  for (std::size_t size = 1; size <= uuid.size(); ++size) add(uuid.substr(0, size));
  add("orders-0-17");
  add("orders-1-17");
  CHECK(lows.size() == ids);
  CHECK(highs.size() == ids);
  CHECK(EventKey(uuid) == EventKey(uuid));
}

TEST_CASE("An event that was seen is known until as many others as there is room for have come") {
  SeenEvents seen(2);
  CHECK(seen.insert(EventKey("a")));
  CHECK(!seen.insert(EventKey("a")));
  CHECK(seen.insert(EventKey("b")));
  CHECK(seen.insert(EventKey("c")));
  CHECK(!seen.insert(EventKey("c")));
  CHECK(seen.insert(EventKey("a")));
  CHECK(seen.size() == 2);
}
