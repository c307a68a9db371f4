#include "foodorder/runtime/topics.hpp"
#include "order_world.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

TEST_CASE("If-None-Match guards every write to an order that is there") {
  OrderWorld world;
  world.start();
  const std::string path = "/api/orders/" + world.place();
  const std::string tag = world.call(Method::get, path).header("ETag");
  for (const std::string& ruled_out : {std::string("*"), tag, "W/" + tag}) {
    Fields fields = json_type;
    fields.emplace_back("If-None-Match", ruled_out);
    const Answer refused = world.call(Method::put, path, R"({"quantity":5})", fields);
    CHECK(refused.status == 412);
    CHECK(refused.header("ETag") == tag);
    CHECK(world.call(Method::patch, path, R"({"quantity":5})", fields).status == 412);
    CHECK(world.call(Method::delete_, path, {}, fields).status == 412);
  }
  CHECK(world.log(topics::orders).size() == 1);
  CHECK(world.call(Method::delete_, "/api/orders/nobody", {}, {{"If-None-Match", "*"}}).status == 404);
  Fields other = json_type;
  other.emplace_back("If-None-Match", "\"another\"");
  CHECK(world.call(Method::put, path, R"({"quantity":5})", other).status == 200);
}

TEST_CASE("The conditions of a POST are about the order that it makes: none is there yet, and a retry is no other") {
  OrderWorld world;
  world.start();
  CHECK(world.post(an_order, {{"If-Match", "*"}}).status == 412);
  CHECK(world.log(topics::orders).empty());
  const Answer first = world.post(an_order, {{"If-None-Match", "*"}, {"Idempotency-Key", "k"}});
  CHECK(first.status == 201);
  const Answer again = world.post(an_order, {{"If-None-Match", "*"}, {"Idempotency-Key", "k"}});
  CHECK(again.status == 201);
  CHECK(again.body == first.body);
  CHECK(world.log(topics::orders).size() == 1);
}
