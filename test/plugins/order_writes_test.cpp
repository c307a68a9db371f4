#include "foodorder/domain/order.hpp"
#include "order_world.hpp"
#include "support/catch.hpp"

// Writes whose outcome is not known yet, and those that wait for them.

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

TEST_CASE("Writes to one order are taken one after the other, others do not wait") {
  OrderWorld world;
  world.start();
  const std::string path = "/api/orders/" + world.place();
  const std::string other = "/api/orders/" + world.place();
  const std::string tag = world.call(Method::get, path).header("ETag");
  world.bus->hold = true;
  Fields if_first = json_type;
  if_first.emplace_back("If-Match", tag);
  Call first = world.begin(Method::patch, path, R"({"quantity":3})", if_first);
  world.bus->hold = false;
  Call second = world.begin(Method::patch, path, R"({"quantity":4})", json_type);
  Call third = world.begin(Method::patch, path, R"({"item":"Soup"})", if_first);
  CHECK(!second.done());
  CHECK(world.call(Method::patch, other, R"({"quantity":4})", json_type).status == 200);
  world.bus->release();
  world.settle();
  CHECK(first.take().status == 200);
  CHECK(second.take().body.find("\"quantity\":4") != std::string::npos);
  CHECK(third.take().status == 412);  // looked at in its turn
}

TEST_CASE("Too many writes to one order are refused, and the order goes on") {
  OrderWorld world;
  world.start();
  const std::string path = "/api/orders/" + world.place();
  world.bus->hold = true;
  std::vector<Call> calls;
  for (int i = 0; i < 102; ++i) calls.push_back(world.begin(Method::patch, path, R"({"quantity":3})", json_type));
  REQUIRE(calls.back().done());
  const Answer refused = calls.back().take();
  CHECK(refused.status == 503);
  CHECK(refused.header("Retry-After") == "1");
  world.bus->release();
  world.settle();
  for (int i = 0; i < 101; ++i) CHECK(calls[static_cast<std::size_t>(i)].take().status == 200);
  CHECK(world.call(Method::patch, path, R"({"quantity":7})", json_type).status == 200);
}

TEST_CASE("An outcome that is not known in time is told, and no write to that order is taken until it is known") {
  OrderWorld world;
  world.start();
  world.bus->hold = true;
  Call slow = world.begin(Method::post, "/api/orders", an_order, keyed("k"));
  world.advance(std::chrono::milliseconds(2999));
  CHECK(!slow.done());
  world.advance(std::chrono::milliseconds(1));
  REQUIRE(slow.done());
  const Answer unknown = slow.take();
  CHECK(unknown.status == 503);
  CHECK(field(unknown, "type").find("outcome-unknown") != std::string::npos);
  CHECK(field(unknown, "orderId") == uuid_from_name("k"));
  CHECK(unknown.header("Retry-After") == "1");
  const Answer meanwhile = world.call(Method::post, "/api/orders", an_order, keyed("k"));
  CHECK(meanwhile.status == 503);
  CHECK(field(meanwhile, "type").find("outcome-unknown") != std::string::npos);
  CHECK(world.call(Method::delete_, "/api/orders/" + uuid_from_name("k")).status == 503);
  world.bus->release();
  world.settle();
  CHECK(world.log(topics::orders).size() == 1);
  CHECK(world.call(Method::post, "/api/orders", an_order, keyed("k")).status == 201);
  CHECK(world.log(topics::orders).size() == 1);
  CHECK(world.call(Method::delete_, "/api/orders/" + uuid_from_name("k")).status == 200);
}

TEST_CASE("A shorter timeout counts for the writes that come after it, also behind one that may wait longer") {
  OrderWorld world;
  world.start({{"outcomeTimeoutMs", 60'000}});
  world.bus->hold = true;
  const Call patient = world.begin(Method::post, "/api/orders", an_order, json_type);
  world.settle();
  world.configure({{"outcomeTimeoutMs", 100}});
  const Call hasty = world.begin(Method::post, "/api/orders", an_order, json_type);
  world.advance(std::chrono::milliseconds(99));
  CHECK(!hasty.done());
  world.advance(std::chrono::milliseconds(1));
  CHECK(hasty.done());
  world.advance(std::chrono::milliseconds(59'899));
  CHECK(!patient.done());
  world.advance(std::chrono::milliseconds(1));
  CHECK(patient.done());
}

TEST_CASE("What was surely not written is a 503 that leaves no trace and can be tried again") {
  OrderWorld world;
  world.start();
  for (const Errc code : {Errc::unavailable, Errc::queue_full, Errc::closed}) {
    world.bus->refuse = code;
    const Answer answer = world.call(Method::post, "/api/orders", an_order, keyed("k"));
    CHECK(answer.status == 503);
    CHECK(answer.header("Retry-After") == "1");
    CHECK(field(answer, "type").find("outcome-unknown") == std::string::npos);
  }
  CHECK(listed(world).empty());
  world.bus->refuse.reset();
  CHECK(world.call(Method::post, "/api/orders", an_order, keyed("k")).status == 201);
}

TEST_CASE("A producer that gave up without knowing leaves the order in doubt for a while") {
  OrderWorld world;
  world.start();
  const std::string path = "/api/orders/" + world.place();
  world.bus->refuse = Errc::outcome_unknown;
  CHECK(world.call(Method::patch, path, R"({"quantity":3})", json_type).status == 503);
  world.bus->refuse.reset();
  CHECK(world.call(Method::patch, path, R"({"quantity":3})", json_type).status == 503);
  world.advance(std::chrono::seconds(10));
  CHECK(world.call(Method::patch, path, R"({"quantity":3})", json_type).status == 200);
}
