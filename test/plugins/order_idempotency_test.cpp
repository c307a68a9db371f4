#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order_world.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

TEST_CASE("A forgotten Idempotency-Key never overwrites the order that it made") {
  OrderWorld world;
  world.start();
  const Answer first = world.call(Method::post, "/api/orders", an_order, keyed("k"));
  REQUIRE(first.status == 201);
  world.advance(std::chrono::hours(24));
  for (const char* body : {an_order, R"({"customerName":"Bob","item":"B","quantity":1,"price":1})"}) {
    const Answer again = world.call(Method::post, "/api/orders", body, keyed("k"));
    CHECK(again.status == 422);
    CHECK(field(again, "type").find("idempotency-key-reused") != std::string::npos);
    CHECK(field(again, "detail").find(uuid_from_name("k")) != std::string::npos);
  }
  CHECK(world.call(Method::get, first.header("Location")).body == first.body);
  CHECK(world.log(topics::orders).size() == 1);
}

TEST_CASE("A forgotten Idempotency-Key whose order was deleted makes a new order, and a new event") {
  OrderWorld world;
  world.start();
  const Answer first = world.call(Method::post, "/api/orders", an_order, keyed("k"));
  REQUIRE(first.status == 201);
  CHECK(world.call(Method::delete_, first.header("Location")).status == 200);
  world.advance(std::chrono::hours(24));
  const Answer second = world.call(Method::post, "/api/orders", an_order, keyed("k"));
  CHECK(second.status == 201);
  CHECK(field(second, "id") == uuid_from_name("k"));
  CHECK(second.body != first.body);
  CHECK(world.call(Method::post, "/api/orders", an_order, keyed("k")).body == second.body);
  const auto log = world.log(topics::orders);
  REQUIRE(log.size() == 3);
  CHECK(event_id(log[0]) != event_id(log[2]));
}

TEST_CASE("An order whose acknowledgement was lost is in doubt only until its record is read") {
  OrderWorld world;
  world.start();
  world.bus->lose_acknowledgements = true;
  CHECK(world.call(Method::post, "/api/orders", an_order, keyed("k")).status == 503);
  const std::string path = "/api/orders/" + uuid_from_name("k");
  CHECK(world.call(Method::post, "/api/orders", an_order, keyed("k")).status == 201);
  CHECK(world.call(Method::patch, path, R"({"quantity":3})", {{"Content-Type", "application/json"}}).status == 503);
  world.bus->lose_acknowledgements = false;
  CHECK(world.call(Method::patch, path, R"({"quantity":4})", {{"Content-Type", "application/json"}}).status == 200);
  CHECK(world.call(Method::delete_, path).status == 200);
  CHECK(world.log(topics::orders).size() == 4);
  CHECK(world.module->report().at("inDoubt") == 0);
}

TEST_CASE("An order whose acknowledgement came late is not written again before its record is read") {
  OrderWorld world;
  world.start();
  world.bus->hold = true;
  Call first = world.begin(Method::post, "/api/orders", an_order, keyed("k"));
  world.advance(std::chrono::seconds(3));
  CHECK(first.take().status == 503);
  world.bus->release();
  world.bus->hold_reading = true;
  world.settle();
  REQUIRE(world.log(topics::orders).size() == 1);
  CHECK(field(world.call(Method::post, "/api/orders", an_order, keyed("k")), "type").ends_with("outcome-unknown"));
  world.bus->release();
  world.settle();
  CHECK(world.call(Method::post, "/api/orders", an_order, keyed("k")).status == 201);
  CHECK(world.log(topics::orders).size() == 1);
}
