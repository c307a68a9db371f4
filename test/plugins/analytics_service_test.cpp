#include "module.hpp"
#include "support/catch.hpp"
#include "world.hpp"

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string service = "analytics-service";
const std::string group = "analytics-group";

void notified(World& world, const ConsumerRecord& order) {
  EventWriter events(world.loop.clock, *world.ids, "notification-service");
  const std::string id(*order.record->key());
  world.produce(topics::audit,
                events.derive(order, "foodorder.notification.notified", "NOTIFIED", id,
                              R"({"source":"notification-service","action":"NOTIFIED","orderId":")" + id + R"("})"));
}

void fill(World& world) {
  for (int i = 0; i < 20; ++i) {
    world.order("Alice", 100 * i);
    world.run_for(milliseconds(20));
  }
  world.run_for(milliseconds(100));
  for (const ConsumerRecord& order : world.read(topics::orders)) notified(world, order);
  world.run_for(seconds(1));
}

}  // namespace

TEST_CASE("Each order, and no retry, is followed by the figures that hold it") {
  World world({analytics_kind()});
  world.start("analytics-1");
  world.order("Alice");
  world.run_for(seconds(1));
  const auto first = world.read(topics::orders).front();
  world.produce(topics::orders, EventWriter::retry(first, 1));
  world.produce(topics::orders, Record("k", "no json"));
  world.order("Bob");
  world.run_for(seconds(1));
  std::int64_t created = 0;
  for (const ConsumerRecord& record : world.read(topics::audit)) {
    const json::value body = json::parse(*record.record->value());
    CHECK(body.at("action").as_string() == "STATS_UPDATED");
    CHECK(body.at("stats").at("created").as_int64() == ++created);
  }
  CHECK(created == 2);
  CHECK(world.caught_up(group));
}

TEST_CASE("The figures that follow an order hold it also when there is much else to read first") {
  World world({analytics_kind()});
  for (int i = 0; i < 3'000; ++i) world.produce(topics::audit, Record("k", "{}"));
  for (int i = 0; i < 1'000; ++i) world.order("Alice");
  world.start("analytics-1");
  world.run_for(seconds(5));
  std::int64_t told = 0;
  for (const ConsumerRecord& record : world.read(topics::audit)) {
    if (find_header(record.record->headers, headers::ce_source) != service) continue;
    const json::value body = json::parse(*record.record->value());
    REQUIRE(body.at("stats").at("created").as_int64() >= ++told);
  }
  CHECK(told == 1'000);
  CHECK(world.caught_up(group));
}

TEST_CASE("Totals are the same after a restart, a crash and for a second member") {
  World world({analytics_kind()});
  world.start("analytics-1");
  fill(world);
  const json::object before = world.report("analytics-1");
  CHECK(before.at("orders").at("created").as_int64() == 20);
  CHECK(before.at("notifications").at("notified").as_int64() == 20);
  CHECK(before.at("timeToNotified").at("count").as_int64() == 20);

  SECTION("a restart") {
    world.stop("analytics-1");
    world.restart("analytics-1");
  }
  SECTION("a crash") {
    world.crash("analytics-1");
    world.restart("analytics-1");
  }
  SECTION("a second member") {
    world.start("analytics-2");
    world.run_for(seconds(1));
    CHECK(world.report("analytics-2") == before);
  }
  world.run_for(seconds(15));
  CHECK(world.report("analytics-1") == before);
  CHECK(world.audit_of(service).size() == 20);
  world.order("Bob");
  world.run_for(seconds(1));
  CHECK(world.audit_of(service).size() == 21);
}

TEST_CASE("Paused, analytics tells nothing and can be stopped; resumed, it tells all") {
  World world({analytics_kind()});
  world.start("analytics-1");
  world.run_for(seconds(1));
  world.supervisor().pause("analytics-1", true).value();
  world.order("Alice");
  world.run_for(seconds(1));
  CHECK(world.audit_of(service).empty());
  SECTION("resumed") { world.supervisor().pause("analytics-1", false).value(); }
  SECTION("stopped and started") {
    world.stop("analytics-1");
    world.restart("analytics-1");
  }
  world.run_for(seconds(1));
  CHECK(world.audit_of(service).size() == 1);
  CHECK(world.caught_up(group));
}
