#include "order_world.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

namespace {

/// The ids of all pages, by the links from one to the next; each page says how many orders there are.
std::vector<std::string> walk(OrderWorld& world, std::string target, const std::string& total) {
  std::vector<std::string> seen;
  while (!target.empty()) {
    const Answer page = world.call(Method::get, target);
    REQUIRE(page.status == 200);
    CHECK(page.header("X-Total-Count") == total);
    const json::value list = page.json();
    for (const json::value& order : list.as_array()) seen.emplace_back(order.at("id").as_string());
    const std::string link = page.header("Link");
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  return seen;
}

}  // namespace

TEST_CASE("The list is oldest first or newest first, page by page, with the number of all orders") {
  OrderWorld world;
  world.start();
  std::vector<std::string> placed;
  for (int i = 0; i < 7; ++i) placed.push_back(world.place());
  CHECK(walk(world, "/api/orders?order=oldest&limit=3", "7") == placed);
  std::reverse(placed.begin(), placed.end());
  CHECK(walk(world, "/api/orders?order=newest", "7") == placed);
  CHECK(walk(world, "/api/orders?limit=3&order=newest", "7") == placed);
  world.call(Method::delete_, "/api/orders/" + placed[2]);  // the last of its page
  const auto rest = walk(world, "/api/orders?order=newest&limit=2&after=" + placed[2], "6");
  CHECK(rest == std::vector<std::string>(placed.begin() + 3, placed.end()));
  CHECK(world.call(Method::get, "/api/orders?order=youngest").status == 422);
}

TEST_CASE("The list is paged by its Link") {
  OrderWorld world;
  world.start();
  std::vector<std::string> placed;
  for (int i = 0; i < 5; ++i) placed.push_back(world.place());
  std::vector<std::string> seen;
  std::string target = "/api/orders?limit=2";
  while (!target.empty()) {
    const Answer page = world.call(Method::get, target);
    const json::value list = page.json();
    for (const json::value& order : list.as_array()) seen.emplace_back(order.at("id").as_string());
    const std::string link = page.header("Link");
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  CHECK(seen == placed);
  for (const char* bad : {"?limit=0", "?limit=1001", "?limit=x", "?after=nobody"})
    CHECK(world.call(Method::get, std::string("/api/orders") + bad).status == 422);
}
