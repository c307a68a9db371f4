// An order whose records stand in several partitions: a stranger's partitioner, no key, a topic with more partitions.
#include "bus/partitioner.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order/order_state.hpp"
#include "order_world.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <random>

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

namespace {

constexpr Timestamp epoch{std::chrono::seconds(1'770'000'000)};
std::string body_of(const std::string& id, std::string_view action, std::int64_t quantity) {
  return fmt::format(R"({{"action":"{1}","order":{{"id":"{0}","customerName":"Bob","item":"Soup","quantity":{2},)"
                     R"("price":1,"status":"{1}","createdAt":"2026-02-05T13:11:17.406Z"}},)"
                     R"("timestamp":"2026-02-05T13:11:17.406Z"}})",
                     id, action, quantity);
}

using Log = std::array<std::vector<ConsumerRecord>, 3>;

/// Records of the order "a": whatever can happen to it, in any partition, with clocks that cannot be trusted.
Log random_log(std::mt19937& random) {
  static constexpr std::array<std::string_view, 4> actions = {"created", "updated", "updated", "deleted"};
  Log log;
  for (std::int64_t count = 1; count <= 9; ++count) {
    const auto partition = static_cast<std::int32_t>(random() % 3);
    auto& records = log[static_cast<std::size_t>(partition)];
    const std::string_view action = actions[random() % actions.size()];
    Record record("a", body_of("a", action, count));
    record.timestamp = epoch + std::chrono::milliseconds(random() % 8) + std::chrono::hours(random() % 9 == 0 ? 99 : 0);
    if (action == "created" && random() % 2 == 0) {
      record.headers.add(headers::ce_id, random() % 2 == 0 ? "key-1" : "key-2");
      record.headers.add(headers::body_hash, "cafe");
    }
    records.emplace_back(TopicPartition("orders", partition), static_cast<std::int64_t>(records.size()),
                         std::make_shared<const Record>(std::move(record)));
  }
  return log;
}

std::string text_of(const WriteRank& rank) { return fmt::format("{}@{}", rank.partition, rank.offset); }

/// All that a store shows of the order "a".
std::string state_of(const order::OrderStore& store) {
  if (const order::StoredOrder* live = store.find("a"))
    return fmt::format("{} {} at {} created {}", live->order.quantity, live->order.status, text_of(live->last),
                       live->created_at.time_since_epoch().count());
  const order::AbsentOrder* gone = store.find_absent("a");
  return gone && gone->deleted ? "deleted at " + text_of(*gone->deleted) : "nothing";
}

/// Folds the log, its partitions interleaved at random.
std::string fold(const Log& log, std::mt19937& random) {
  order::OrderState state(10, 10);
  std::array<std::size_t, 3> next{};
  for (;;) {
    std::vector<std::size_t> left;
    for (std::size_t partition = 0; partition < 3; ++partition)
      if (next[partition] < log[partition].size()) left.push_back(partition);
    if (left.empty()) return state_of(state.store);
    const std::size_t partition = left[random() % left.size()];
    state.fold(log[partition][next[partition]++]);
  }
}

}  // namespace

TEST_CASE("The state of an order is the same in whatever order its partitions are read") {
  std::mt19937 random(7);
  for (int round = 0; round < 2'000; ++round) {
    const Log log = random_log(random);
    const std::string first = fold(log, random);
    for (int again = 0; again < 8; ++again) CHECK(fold(log, random) == first);
  }
}

TEST_CASE("A record read twice, and a write applied before those in front of it are read, change no outcome") {
  std::mt19937 random(11);
  for (int round = 0; round < 2'000; ++round) {
    const Log log = random_log(random);
    const std::string right = fold(log, random);
    order::OrderState state(10, 10);
    const auto& ours = log[random() % 3];
    if (!ours.empty()) {
      const ConsumerRecord& last = ours.back();
      order::OrderWrite write = order::write_of(*last.record, last.position, event_time(*last.record));
      write.ahead = true;
      const auto event = parse_order_event(*last.record->value());
      if (!find_header(last.record->headers, headers::body_hash)) state.store.apply(*event, write);
    }
    for (const auto& records : log)
      for (const ConsumerRecord& record : records) state.fold(record);
    for (const auto& records : log)
      if (!records.empty()) state.fold(records.back());
    CHECK(state_of(state.store) == right);
  }
}

namespace {

/// An order placed here, and then changed by a stranger in a partition that is not that of its key.
struct Scattered {
  explicit Scattered(OrderWorld& world) : id(world.place()), home(partition_for_key(id, 3)), other((home + 1) % 3) {
    world.advance(std::chrono::milliseconds(10));
    world.send(topics::orders, Record(id, body_of(id, "updated", 7)), other);
  }
  std::string id;
  std::int32_t home;
  std::int32_t other;
};

std::string last_status(OrderWorld& world, const std::string& id) {
  std::string last = "none";
  for (const ConsumerRecord& status : world.log(topics::order_status))
    if (status.record->key() == id) last = status.record->value().value_or("tombstone");
  return last;
}

std::int64_t quantity(OrderWorld& world, const std::string& id) {
  const Answer answer = world.call(Method::get, "/api/orders/" + id);
  return answer.status == 200 ? answer.json().at("quantity").as_int64() : -1;
}

}  // namespace

TEST_CASE("A change of an order that a stranger has moved to another partition is applied, also after a restart") {
  OrderWorld world;
  world.start();
  const Scattered order(world);
  CHECK(quantity(world, order.id) == 7);
  CHECK(world.call(Method::patch, "/api/orders/" + order.id, R"({"quantity":8})", json_type).status == 200);
  CHECK(quantity(world, order.id) == 8);
  CHECK(last_status(world, order.id).find(R"("status":"updated")") != std::string::npos);
  world.crash();
  world.start();
  CHECK(quantity(world, order.id) == 8);
  CHECK(world.call(Method::delete_, "/api/orders/" + order.id).status == 200);
  CHECK(quantity(world, order.id) == -1);
  world.crash();
  world.start();
  CHECK(quantity(world, order.id) == -1);
  for (int i = 0; i < 30; ++i) world.advance(std::chrono::seconds(1));  // until the group has given up who crashed
  CHECK(last_status(world, order.id) == "tombstone");
  world.send(topics::orders, Record(order.id, body_of(order.id, "updated", 9)), order.home);
  CHECK(quantity(world, order.id) == -1);
  CHECK(last_status(world, order.id) == "tombstone");
}

TEST_CASE("A stranger's time in the future does not push out what is written after it") {
  OrderWorld world;
  world.start();
  const std::string id = world.place();
  const std::int32_t other = (partition_for_key(id, 3) + 1) % 3;
  Record future(id, body_of(id, "updated", 7));
  future.timestamp = world.clock.now() + std::chrono::hours(1'000);
  world.send(topics::orders, future, other);
  CHECK(world.call(Method::put, "/api/orders/" + id, R"({"quantity":8})", json_type).status == 200);
  CHECK(quantity(world, id) == 8);
  CHECK(world.call(Method::put, "/api/orders/" + id, R"({"quantity":9})", json_type).status == 200);
  world.crash();
  world.start();
  CHECK(quantity(world, id) == 9);
}

TEST_CASE("What a stranger claims in body and headers decides nothing: the later record in the log wins") {
  OrderWorld world;
  world.start();
  const std::string id = world.place();
  const std::int32_t home = partition_for_key(id, 3);
  Record claims(id, body_of(id, "updated", 7));
  claims.headers.add(headers::ce_time, "2999-01-01T00:00:00.000000Z");
  world.advance(std::chrono::milliseconds(5));
  world.send(topics::orders, claims, (home + 1) % 3);
  world.advance(std::chrono::milliseconds(5));
  world.send(topics::orders, Record(id, body_of(id, "updated", 8)), (home + 2) % 3);
  CHECK(quantity(world, id) == 8);
}

TEST_CASE("The history and the state of an order have its records of any partition, without a key as well") {
  OrderWorld world;
  world.start();
  const Scattered order(world);
  Record keyless(std::nullopt, body_of(order.id, "updated", 8));
  keyless.timestamp = world.clock.now() - std::chrono::hours(1'000);
  world.send(topics::orders, keyless, (order.home + 2) % 3);
  const auto check = [&] {
    const json::value all = world.call(Method::get, "/api/orders/" + order.id + "/history").json();
    std::vector<std::int64_t> partitions;
    for (const json::value& record : all.as_array())
      if (record.at("topic") == "orders") partitions.push_back(record.at("partition").as_int64());
    // In the order of their times in the log: the one without a key is dated before all others.
    CHECK(partitions == std::vector<std::int64_t>{(order.home + 2) % 3, order.home, order.other});
  };
  check();
  CHECK(quantity(world, order.id) == 7);
  world.crash();
  world.start();
  check();
}

TEST_CASE("An order placed again by its Idempotency-Key stands behind its deletion, wherever that is") {
  OrderWorld world;
  world.start();
  const Fields keyed = {{"Content-Type", "application/json"}, {"Idempotency-Key", "k"}};
  const Answer first = world.call(Method::post, "/api/orders", an_order, keyed);
  const std::string id(first.json().at("id").as_string());
  const std::int32_t other = (partition_for_key(id, 3) + 1) % 3;
  Record deletion(id, body_of(id, "deleted", 1));
  deletion.timestamp = world.clock.now() + std::chrono::hours(1'000);
  world.send(topics::orders, deletion, other);
  CHECK(quantity(world, id) == -1);
  world.advance(std::chrono::hours(25));
  CHECK(world.call(Method::post, "/api/orders", an_order, keyed).status == 201);
  CHECK(quantity(world, id) == 2);
  world.crash();
  world.start();
  CHECK(quantity(world, id) == 2);
  const auto log = world.log(topics::orders);
  CHECK(std::count_if(log.begin(), log.end(),
                      [&](const ConsumerRecord& r) { return r.position.tp.partition == other; }) == 2);
}

TEST_CASE("An ETag and a page's link mean nothing in another log") {
  std::vector<std::string> tags;
  for (const char* log : {"log-1", "log-2"}) {
    OrderWorld world(log);
    world.start();
    const Answer placed = world.call(Method::post, "/api/orders", an_order,
                                     {{"Content-Type", "application/json"}, {"Idempotency-Key", "k"}});
    tags.push_back(placed.header("ETag"));
    if (tags.size() < 2) continue;
    const std::string path = placed.header("Location");
    CHECK(tags[0] != tags[1]);
    CHECK(world.call(Method::get, path, {}, {{"If-None-Match", tags[0]}}).status == 200);
    CHECK(world.call(Method::delete_, path, {}, {{"If-Match", tags[0]}}).status == 412);
    CHECK(world.call(Method::get, path + "/history?after=0123456789abcdef.0.0.0.0.0.0.0.0").status == 422);
  }
}
