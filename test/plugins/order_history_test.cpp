#include "foodorder/runtime/topics.hpp"
#include "order_world.hpp"
#include "support/catch.hpp"

#include <algorithm>

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

TEST_CASE("The history of an order has every record about it on any topic, in time order") {
  OrderWorld world;
  world.start();
  world.place();
  const std::string id = world.place();
  world.advance(std::chrono::seconds(1));
  world.call(Method::patch, "/api/orders/" + id, R"({"quantity":3})", json_type);
  Record dead(id, "\xff\xfe", {Header("bytes", "\x80"), Header("none", std::nullopt)});
  world.send(topics::orders_dlq, dead);
  const auto check = [&](const std::string& query, std::size_t pages_max) {
    std::vector<std::string> topics;
    std::string times;
    std::string target = "/api/orders/" + id + "/history" + query;
    std::size_t pages = 0;
    for (; !target.empty(); ++pages) {
      const Answer page = world.call(Method::get, target);
      REQUIRE(page.status == 200);
      const json::value list = page.json();
      for (const json::value& record : list.as_array()) {
        topics.emplace_back(record.at("topic").as_string());
        const std::string time(record.at("timestamp").as_string());
        CHECK(time >= times);
        times = time;
        CHECK(record.at("key") == json::value(id));
      }
      const std::string link = page.header("Link");
      target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    }
    CHECK(pages <= pages_max);
    CHECK(topics.size() == 7);
    for (const auto& [topic, count] :
         {std::pair("orders", 2), std::pair("audit", 2), std::pair("order-status", 2), std::pair("orders-dlq", 1)})
      CHECK(std::count(topics.begin(), topics.end(), topic) == count);
  };
  check("", 1);
  check("?limit=2", 4);
  const Answer whole = world.call(Method::get, "/api/orders/" + id + "/history");
  CHECK(whole.body.find(R"("value":"//4=","base64":true)") != std::string::npos);
  CHECK(whole.body.find(R"({"name":"bytes","value":"gA==","base64":true},{"name":"none","value":null})") !=
        std::string::npos);
  world.crash();
  world.start();
  check("", 1);  // now from the log
  check("?limit=3", 3);
  CHECK(world.call(Method::get, "/api/orders/nobody/history").status == 404);
  CHECK(world.call(Method::get, "/api/orders/" + id + "/history?after=x").status == 422);
}

TEST_CASE("An order has a history once it is placed, though no record of it was read here yet") {
  OrderWorld world;
  world.start();
  world.module->pause(true);  // nothing of the stream is read
  const std::string id = world.place();
  const Answer early = world.call(Method::get, "/api/orders/" + id + "/history");
  CHECK(early.status == 200);
  CHECK(early.body == "[]");
  CHECK(world.call(Method::get, "/api/orders/never-placed/history").status == 404);
  world.module->pause(false);
  world.advance(std::chrono::seconds(1));
  CHECK(world.call(Method::get, "/api/orders/" + id + "/history").json().as_array().size() == 3);
}

TEST_CASE("The history of a deleted order is read from the log's beginning, a bounded amount of it a page") {
  OrderWorld world;
  world.start();
  const std::string id = world.place();
  world.call(Method::delete_, "/api/orders/" + id);
  for (int i = 0; i < 30'000; ++i) world.send(topics::audit, Record("other", "{}"));
  const Position last = world.send(topics::audit, Record(id, R"({"late":true})"));
  CHECK(last.offset == 30'002);
  world.crash();
  world.start();
  const Answer first = world.call(Method::get, "/api/orders/" + id + "/history");
  const std::string link = first.header("Link");
  REQUIRE(!link.empty());
  CHECK(first.body.find("late") == std::string::npos);
  const Answer second = world.call(Method::get, link.substr(1, link.find('>') - 1));
  CHECK(second.body.find("late") != std::string::npos);
  CHECK(second.header("Link").empty());
}
