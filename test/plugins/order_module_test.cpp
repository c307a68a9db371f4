#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order_world.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

namespace {

Record foreign_order(const std::string& id, const std::string& action, const std::string& status) {
  return Record(id, R"({"action":")" + action + R"(","order":{"id":")" + id +
                        R"(","customerName":"Bob","item":"Soup","quantity":1,"price":1,"status":")" + status +
                        R"(","createdAt":"2026-02-05T13:11:17.406Z"},"timestamp":"2026-02-05T13:11:17.406Z"})");
}

}  // namespace

TEST_CASE("An order is placed, and audit and order-status follow from its record") {
  OrderWorld world;
  world.start();
  REQUIRE(world.module->ready());
  const Answer answer =
      world.post(an_order, {{"traceparent", "00-11111111111111111111111111111111-2222222222222222-01"}});
  REQUIRE(answer.status == 201);
  const std::string id = field(answer, "id");
  CHECK(answer.header("Location") == "/api/orders/" + id);
  CHECK(answer.header("ETag") == world.call(Method::get, "/api/orders/" + id).header("ETag"));
  const auto orders = world.log(topics::orders);
  REQUIRE(orders.size() == 1);
  const Record& record = *orders[0].record;
  CHECK(record.key() == id);
  CHECK(parse_order_event(*record.value())->action == OrderAction::created);
  CHECK(find_traceparent(record.headers).value().trace_id() == std::string(32, '1'));
  const auto audit = world.log(topics::audit);
  REQUIRE(audit.size() == 1);
  CHECK(audit[0].record->key() == id);
  const json::value body = *parse_json(*audit[0].record->value());
  CHECK(body.at("source") == json::value("order-service"));
  CHECK(json::serialize(body.at("order")) == json::serialize(answer.json()));
  CHECK(find_header(audit[0].record->headers, headers::ce_causationid) == find_header(record.headers, headers::ce_id));
  const auto statuses = world.log(topics::order_status);
  REQUIRE(statuses.size() == 1);
  CHECK(find_header(statuses[0].record->headers, headers::source_partition) ==
        std::to_string(orders[0].position.tp.partition));
  CHECK(find_header(statuses[0].record->headers, headers::source_offset) == "0");
  CHECK(parse_json(*statuses[0].record->value())->at("status") == json::value("created"));
}

TEST_CASE("A refused order leaves no trace and names all that is wrong") {
  OrderWorld world;
  world.start();
  CHECK(world.post("{").status == 400);
  const Answer answer = world.post(R"({"quantity":0})");
  CHECK(answer.status == 422);
  const json::value problem = answer.json();
  CHECK(problem.at("errors").as_array().size() == 4);
  CHECK(world.call(Method::post, "/api/orders", an_order).status == 415);
  CHECK(world.call(Method::post, "/api/orders", an_order, {{"Content-Type", "text/plain"}}).status == 415);
  CHECK(world.post(an_order, {{"Idempotency-Key", "a b"}}).status == 400);
  for (const auto topic : {topics::orders, topics::audit, topics::order_status}) CHECK(world.log(topic).empty());
}

TEST_CASE("An update merges what is given and If-Match guards it") {
  OrderWorld world;
  world.start();
  const std::string path = "/api/orders/" + world.place();
  Fields fields = json_type;
  const std::string first = world.call(Method::get, path).header("ETag");
  fields.emplace_back("If-Match", first);
  const Answer changed = world.call(Method::patch, path, R"({"quantity":5})", fields);
  CHECK(changed.status == 200);
  const std::string second = changed.header("ETag");
  CHECK(second != first);
  CHECK(field(changed, "status") == "updated");
  CHECK(field(changed, "item") == "Pizza");
  CHECK(world.call(Method::patch, path, R"({"quantity":6})", fields).status == 412);
  CHECK(field(world.call(Method::put, path, R"({"status":"cooking"})", json_type), "status") == "cooking");
  const std::string third = world.call(Method::get, path).header("ETag");
  CHECK(world.call(Method::get, path, {}, {{"If-None-Match", third}}).status == 304);
  CHECK(world.call(Method::get, path, {}, {{"If-None-Match", second}}).body.find("\"quantity\":5") !=
        std::string::npos);
  CHECK(world.call(Method::delete_, path, {}, {{"If-Match", second}}).status == 412);
  CHECK(world.log(topics::orders).size() == 3);
}

TEST_CASE("A deleted order is gone from the list and a tombstone from order-status") {
  OrderWorld world;
  world.start();
  const std::string id = world.place();
  const Answer gone = world.call(Method::delete_, "/api/orders/" + id);
  CHECK(gone.status == 200);
  CHECK(field(gone, "status") == "deleted");
  CHECK(listed(world).empty());
  for (const Method method : {Method::get, Method::delete_})
    CHECK(world.call(method, "/api/orders/" + id).status == 404);
  CHECK(world.call(Method::patch, "/api/orders/" + id, R"({"quantity":1})", json_type).status == 404);
  const auto statuses = world.log(topics::order_status);
  REQUIRE(statuses.size() == 2);
  CHECK(!statuses[1].record->value());
}

TEST_CASE("A restarted service has the same orders in the same order, and the same ETags") {
  OrderWorld world;
  world.start();
  std::vector<std::string> placed;
  for (int i = 0; i < 20; ++i) placed.push_back(world.place("c" + std::to_string(i)));  // all in one millisecond
  world.call(Method::delete_, "/api/orders/" + placed[3]);
  placed.erase(placed.begin() + 3);
  CHECK(listed(world) == placed);
  const std::string tag = world.call(Method::get, "/api/orders/" + placed[5]).header("ETag");
  world.crash();
  world.start();
  CHECK(listed(world) == placed);
  CHECK(world.call(Method::get, "/api/orders/" + placed[5]).header("ETag") == tag);
}

TEST_CASE("Retries, updates of unknown orders and unreadable records change no order and stop nobody") {
  OrderWorld world;
  world.start();
  const std::string id = world.place();
  Record retry = foreign_order(id, "updated", "retried");
  retry.headers.add("retryCount", "1");
  world.send(topics::orders, retry);
  world.send(topics::orders, Record("x", "not json"));
  world.send(topics::orders, Record("y", std::nullopt));
  world.send(topics::orders, foreign_order("unknown", "updated", "new"));
  CHECK(listed(world) == std::vector<std::string>{id});
  CHECK(field(world.call(Method::get, "/api/orders/" + id), "status") == "created");
  CHECK(world.module->report().at("unparsable") == json::value(2));
  world.send(topics::orders, foreign_order("z", "created", "created"));
  CHECK(listed(world).size() == 2);
  // What the update of an unknown order wrote to order-status was taken back.
  std::optional<std::string> last = "none";
  for (const ConsumerRecord& status : world.log(topics::order_status))
    if (status.record->key() == "unknown") last = status.record->value();
  CHECK(last == std::nullopt);
}

TEST_CASE("A wrong status that was not taken back before a crash is taken back after the restart") {
  OrderWorld world;
  const auto restart = [&] {
    world.crash();
    world.start();
    // Until the group has given up the member that crashed.
    for (int i = 0; i < 30; ++i) world.advance(std::chrono::seconds(1));
  };
  world.start();
  const std::string id = world.place();
  const ConsumerRecord placed = world.log(topics::orders).back();
  const std::string right(*world.log(topics::order_status).back().record->value());
  world.crash();
  Record wrong(id, "{}");
  wrong.headers.add(headers::source_partition, std::to_string(placed.position.tp.partition));
  wrong.headers.add(headers::source_offset, "0");
  world.send(topics::order_status, wrong);
  restart();
  const ConsumerRecord again = world.log(topics::order_status).back();  // compaction has taken what was before
  CHECK(again.position.offset == 2);
  CHECK(again.record->value() == right);
  restart();
  CHECK(world.log(topics::order_status).back().position == again.position);
}

TEST_CASE(
    "The same Idempotency-Key and body give the first answer again, also after an update, a deletion and a restart") {
  OrderWorld world;
  world.start();
  const Answer first = world.call(Method::post, "/api/orders", an_order, keyed("k"));
  REQUIRE(first.status == 201);
  CHECK(field(first, "id") == uuid_from_name("k"));
  const auto check_again = [&] {
    const Answer again = world.call(Method::post, "/api/orders", an_order, keyed("k"));
    CHECK(again.status == 201);
    CHECK(again.body == first.body);
    CHECK(again.headers == first.headers);
    CHECK(
        world.call(Method::post, "/api/orders", R"({"customerName":"A","item":"B","quantity":1,"price":1})", keyed("k"))
            .status == 422);
  };
  check_again();
  world.call(Method::patch, first.header("Location"), R"({"quantity":9})", json_type);
  check_again();
  world.crash();
  world.start();
  check_again();
  world.call(Method::delete_, first.header("Location"));
  check_again();
  CHECK(world.log(topics::orders).size() == 3);
}

TEST_CASE("Requests with one Idempotency-Key at the same time share one outcome") {
  OrderWorld world;
  world.start();
  world.bus->hold = true;
  std::vector<Call> calls;
  for (int i = 0; i < 5; ++i) calls.push_back(world.begin(Method::post, "/api/orders", an_order, keyed("k")));
  calls.push_back(world.begin(Method::post, "/api/orders", R"({"customerName":"A","item":"B","quantity":1,"price":1})",
                              keyed("k")));
  for (const Call& call : calls) CHECK(!call.done());
  world.bus->release();
  world.settle();
  std::vector<Answer> answers;
  for (Call& call : calls) {
    REQUIRE(call.done());
    answers.push_back(call.take());
  }
  for (int i = 0; i < 5; ++i) {
    CHECK(answers[static_cast<std::size_t>(i)].status == 201);
    CHECK(answers[static_cast<std::size_t>(i)].body == answers[0].body);
  }
  CHECK(answers[5].status == 422);
  CHECK(world.log(topics::orders).size() == 1);
}

TEST_CASE("Where two services place an order by one key, the first in the log is the answer of both") {
  OrderWorld world;
  world.start();
  const Answer first = world.call(Method::post, "/api/orders", an_order, keyed("k"));
  const ConsumerRecord original = world.log(topics::orders).at(0);
  world.call(Method::patch, first.header("Location"), R"({"quantity":9})", json_type);
  world.send(topics::orders, *original.record);  // the other service's, late
  CHECK(world.call(Method::get, first.header("Location")).body.find("\"quantity\":9") != std::string::npos);
  CHECK(world.call(Method::post, "/api/orders", an_order, keyed("k")).headers == first.headers);
}

TEST_CASE("A full store refuses new orders and says so") {
  OrderWorld world;
  world.start({{"ordersMax", 2}});
  world.place();
  const std::string second = world.place();
  const Answer refused = world.post(an_order);
  CHECK(refused.status == 503);
  CHECK(refused.header("Retry-After") == "1");
  CHECK(field(refused, "detail") == "the order store is full");
  world.call(Method::delete_, "/api/orders/" + second);
  CHECK(world.post(an_order).status == 201);
}

TEST_CASE("stop() answers what was asked, then run() returns") {
  OrderWorld world;
  world.start();
  world.bus->hold = true;
  Call call = world.begin(Method::post, "/api/orders", an_order, keyed("k"));
  CHECK(!world.stop());
  world.bus->release();
  world.settle();
  CHECK(call.take().status == 201);
  CHECK(world.ended);
  CHECK(world.failure.empty());
}

TEST_CASE("stop() does not wait for an outcome that never comes") {
  OrderWorld world;
  world.start();
  world.bus->hold = true;
  Call call = world.begin(Method::post, "/api/orders", an_order, json_type);
  world.stop();
  world.advance(std::chrono::milliseconds(3000));
  CHECK(call.take().status == 503);
  CHECK(world.ended);
}

TEST_CASE("A crash loses no event that follows from an acknowledged order") {
  OrderWorld world;
  world.start();
  world.module->pause(true);  // so that nothing has followed yet
  const std::string id = world.place();
  world.crash();
  CHECK(world.log(topics::audit).empty());
  world.start();
  world.advance(std::chrono::seconds(11));  // the session of the crashed member ends
  const auto audit = world.log(topics::audit);
  REQUIRE(audit.size() == 1);
  CHECK(audit[0].record->key() == id);
}
