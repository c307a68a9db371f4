#include "store_world.hpp"

#include <algorithm>
#include <random>

using namespace foodorder;
using namespace foodorder::database;
using foodorder::test::StoreWorld;
using Outcome = Placing::Outcome;

namespace {

constexpr auto minute = std::chrono::minutes(1);

std::int64_t count(const std::vector<Result<Placing>>& results, Outcome outcome) {
  return std::count_if(results.begin(), results.end(),
                       [&](const Result<Placing>& result) { return result && result->outcome == outcome; });
}

std::vector<std::string> actions(StoreWorld& world) {
  std::vector<std::string> found;
  for (const ConsumerRecord& record : world.records())
    if (record.position.tp.topic == "audit")
      found.push_back(std::string(text_at(parse_json(*record.record->value())->as_object(), "action")));
  return found;
}

Change change_to(StoreWorld& world, const std::string& id, OrderAction action,
                 std::optional<std::int64_t> only_version) {
  Change change;
  change.order_id = id;
  change.write = world.new_order("x").write;
  change.decide = [action, only_version](const StoredOrder& stored) -> std::optional<OrderEvent> {
    if (only_version && *only_version != stored.version) return {};
    OrderEvent event;
    event.action = action;
    event.order = stored.order;
    event.order.item = "Soup";
    event.timestamp = stored.order.created_at;
    return event;
  };
  return change;
}

}  // namespace

TEST_CASE("an order is one transaction: its row, two audit rows, its job and its key") {
  StoreWorld world;
  NewOrder order = world.new_order("Ada");
  order.body_hash = "hash";
  const auto placed = world.try_place(order);
  REQUIRE(placed.has_value());
  CHECK(placed->outcome == Outcome::placed);
  CHECK(world.get(world.orders().find("order-1"))->order == order.write.event.order);
  CHECK(actions(world) == std::vector<std::string>{"created", "FRAUD_CHECK_PASSED"});
  CHECK(world.job_counts().ready == 1);
  CHECK(world.try_place(order)->outcome == Outcome::repeated);
}

TEST_CASE("an order whose transaction fails leaves nothing, and takes no neighbour of its commit along") {
  StoreWorld world;
  std::vector<NewOrder> orders;
  for (const char* customer : {"Ada", "Ben", "Cy"}) orders.push_back(world.new_order(customer));
  orders[1].write.event_id = orders[0].write.event_id;  // a job's event is unique: its last insert fails
  const auto results = world.place_together(std::move(orders));
  CHECK(results[0].has_value());
  REQUIRE_FALSE(results[1].has_value());
  CHECK(results[1].error().code == Errc::invalid_argument);
  CHECK_FALSE(world.orders().trouble().has_value());
  CHECK(results[2].has_value());
  CHECK(world.store->figures().commits == 1);
  CHECK(world.get(world.orders().list(Listing())).total == 2);
  CHECK(world.records().size() == 2 * 4);
}

TEST_CASE("a blocked order leaves an audit row, and neither order nor job nor key") {
  StoreWorld world;
  for (int i = 0; i < 5; ++i) CHECK(world.place("Ada").outcome == Outcome::placed);
  NewOrder sixth = world.new_order("Ada");
  sixth.body_hash = "hash";
  const auto blocked = world.try_place(sixth);
  REQUIRE(blocked.has_value());
  CHECK(blocked->outcome == Outcome::blocked);
  CHECK(blocked->recent.by_customer == 6);
  CHECK_FALSE(world.get(world.orders().find(sixth.write.event.order.id)).has_value());
  CHECK(world.job_counts().ready == 5);
  CHECK(actions(world).back() == "FRAUD_ALERT");
  CHECK(world.place("Ben").outcome == Outcome::placed);
  world.loop.clock.advance(minute);
  CHECK(world.try_place(sixth)->outcome == Outcome::blocked);  // by its own time, which has not changed
  CHECK(world.place("Ada").outcome == Outcome::placed);
}

TEST_CASE("of orders that come together none slips past the limit") {
  const std::string query = GENERATE("scan", "indexed", "counted");
  StoreWorld world(":memory:", query);
  std::vector<NewOrder> orders;
  for (int i = 0; i < 32; ++i) orders.push_back(world.new_order("Ada"));
  const auto results = world.place_together(std::move(orders));
  CHECK(count(results, Outcome::placed) == 5);
  CHECK(count(results, Outcome::blocked) == 27);
}

TEST_CASE("an order that was placed exactly a window ago does not count") {
  const std::string query = GENERATE("scan", "indexed", "counted");
  StoreWorld world(":memory:", query);
  world.place("Ada");
  world.loop.clock.advance(minute - Duration(1'000));
  CHECK(world.place("Ada").recent.by_customer == 2);
  world.loop.clock.advance(Duration(1'000));
  CHECK(world.place("Ada").recent.by_customer == 2);
}

TEST_CASE("all ways to count the recent orders give the same") {
  std::mt19937 random(7);
  std::vector<std::vector<std::int64_t>> counted;
  for (const char* query : {"scan", "indexed", "counted"}) {
    StoreWorld world(":memory:", query);
    world.limit = 1'000'000;
    std::mt19937 same(7);
    std::vector<std::int64_t>& counts = counted.emplace_back();
    for (int i = 0; i < 300; ++i) {
      world.loop.clock.advance(Duration(static_cast<std::int64_t>(same() % 3'000'000) / 1'000 * 1'000));
      const RecentOrders recent = world.place(same() % 3 == 0 ? "Ada" : "Ben").recent;
      counts.push_back(recent.by_customer * 1'000 + recent.over_all);
    }
  }
  CHECK(counted[0] == counted[1]);
  CHECK(counted[0] == counted[2]);
}

TEST_CASE("a clock that was set back an hour opens no window") {
  const std::string query = GENERATE("scan", "indexed", "counted");
  StoreWorld world(":memory:", query);
  for (int i = 0; i < 5; ++i) world.place("Ada");
  NewOrder order = world.new_order("Ada");
  order.write.event.timestamp -= std::chrono::hours(1);
  order.write.event.order.created_at = order.write.event.timestamp;
  CHECK(world.try_place(std::move(order))->outcome == Outcome::blocked);
}

TEST_CASE("a deleted order counts for the fraud check, and so does one under a new name") {
  StoreWorld world;
  for (int i = 0; i < 5; ++i) world.place("Ada");
  REQUIRE(world.loop.run(world.orders().change(change_to(world, "order-1", OrderAction::deleted, {}))).has_value());
  Change renamed = change_to(world, "order-2", OrderAction::updated, {});
  renamed.decide = [](const StoredOrder& stored) {
    OrderEvent event;
    event.action = OrderAction::updated;
    event.order = stored.order;
    event.order.customer_name = "Ben";
    return std::optional(event);
  };
  REQUIRE(world.loop.run(world.orders().change(std::move(renamed))).has_value());
  CHECK(world.place("Ada").outcome == Outcome::blocked);
}

TEST_CASE("a key gives the first answer for the same body, also after the order was changed") {
  StoreWorld world;
  NewOrder order = world.new_order("Ada");
  order.body_hash = "hash";
  const auto first = world.try_place(order);
  world.get(world.orders().change(change_to(world, "order-1", OrderAction::updated, {})));
  const auto again = world.try_place(order);
  CHECK(again->outcome == Outcome::repeated);
  CHECK(again->stored.order == first->stored.order);
  CHECK(again->stored.version == first->stored.version);
  order.body_hash = "other";
  CHECK(world.try_place(order)->outcome == Outcome::key_reused);
}

TEST_CASE("a key is forgotten after a day, and refused while its order lives") {
  StoreWorld world;
  NewOrder order = world.new_order("Ada");
  order.body_hash = "hash";
  world.try_place(order);
  world.loop.clock.advance(std::chrono::hours(24));
  NewOrder later = world.new_order("Ada", "order-1");
  later.body_hash = "hash";
  CHECK(world.try_place(later)->outcome == Outcome::key_too_old);
  world.get(world.orders().change(change_to(world, "order-1", OrderAction::deleted, {})));
  CHECK(world.try_place(later)->outcome == Outcome::placed);
}

TEST_CASE("of keys the oldest are forgotten, and of live orders more are refused") {
  StoreWorld world;
  Limits limits;
  limits.keys_max = 2;
  limits.orders_max = 3;
  world.orders().set_limits(limits);
  std::vector<NewOrder> orders;
  for (int i = 0; i < 3; ++i) {
    orders.push_back(world.new_order("Ada"));
    orders.back().body_hash = "hash";
    CHECK(world.try_place(orders.back())->outcome == Outcome::placed);
  }
  CHECK(world.try_place(orders[2])->outcome == Outcome::repeated);
  CHECK(world.try_place(orders[0])->outcome == Outcome::key_too_old);
  CHECK(world.place("Ben").outcome == Outcome::full);
  world.get(world.orders().change(change_to(world, "order-1", OrderAction::deleted, {})));
  CHECK(world.place("Ben").outcome == Outcome::placed);
}

TEST_CASE("a change is judged inside its transaction") {
  StoreWorld world;
  const std::int64_t version = world.place("Ada").stored.version;
  const Changing changed = world.get(world.orders().change(change_to(world, "order-1", OrderAction::updated, version)));
  CHECK(changed.outcome == Changing::Outcome::changed);
  CHECK(changed.stored.order.item == "Soup");
  CHECK(changed.stored.version > version);
  const Changing left = world.get(world.orders().change(change_to(world, "order-1", OrderAction::deleted, version)));
  CHECK(left.outcome == Changing::Outcome::left);
  CHECK(left.stored.version == changed.stored.version);
  CHECK(world.get(world.orders().change(change_to(world, "order-9", OrderAction::deleted, {}))).outcome ==
        Changing::Outcome::not_found);
  CHECK(world.job_counts().ready == 2);
}

TEST_CASE("orders are listed by age in pages, from either end, also behind a deleted one") {
  StoreWorld world;
  world.limit = 100;
  for (int i = 0; i < 5; ++i) world.place("Ada");
  const auto ids = [&](bool newest_first, std::size_t limit, std::optional<std::string> after) {
    Listing listing;
    listing.newest_first = newest_first;
    listing.limit = limit;
    listing.after = std::move(after);
    const OrderPage page = world.get(world.orders().list(std::move(listing)));
    std::string found = page.more ? "more:" : ":";
    for (const StoredOrder& stored : page.orders) found += stored.order.id.back();
    return found;
  };
  CHECK(ids(false, 2, {}) == "more:12");
  CHECK(ids(false, 3, "order-2") == ":345");
  CHECK(ids(true, 2, {}) == "more:54");
  world.get(world.orders().change(change_to(world, "order-2", OrderAction::deleted, {})));
  CHECK(ids(false, 10, "order-2") == ":345");
  CHECK(ids(true, 10, "order-4") == ":31");
  Listing unknown;
  unknown.after = "order-9";
  CHECK(world.get(world.orders().list(std::move(unknown))).unknown_after);
}
