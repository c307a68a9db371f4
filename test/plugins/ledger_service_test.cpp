#include "analytics/module.hpp"
#include "notification/module.hpp"
#include "support/catch.hpp"
#include "world.hpp"

#include <algorithm>

// The ledger of analytics over what notification really does.

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string group = "notification-group";

struct Shop : World {
  Shop() : World({notification_kind(), analytics_kind()}) { start("analytics-1"); }

  void place(int count, OrderAction action = OrderAction::created) {
    for (int i = 0; i < count; ++i) order("Alice", 1'000, action);
  }
  [[nodiscard]] std::int64_t figure(std::string_view name) const {
    return report("analytics-1").at("ledger").at(name).as_int64();
  }
  /// {notified, gave up, dropped, waiting}; they always add up to what was accepted.
  [[nodiscard]] std::vector<std::int64_t> outcomes() const {
    std::vector<std::int64_t> all;
    std::int64_t sum = 0;
    for (const char* name : {"notified", "gaveUp", "dropped", "waiting"}) sum += all.emplace_back(figure(name));
    CHECK(figure("accepted") == sum);
    return all;
  }
};

using Counts = std::vector<std::int64_t>;

}  // namespace

TEST_CASE("The ledger comes to rest with an outcome for each event") {
  Shop shop;
  Counts expected;
  SECTION("all notified: creations, updates and deletions") {
    shop.start("notification-1", {{"failRate", 0.0}});
    shop.place(10);
    shop.place(5, OrderAction::updated);
    shop.place(5, OrderAction::deleted);
    expected = {20, 0, 0, 0};
  }
  SECTION("all given up, after their retries") {
    shop.start("notification-1", {{"failRate", 1.0}});
    shop.place(20);
    shop.run_for(milliseconds(50));
    CHECK(shop.figure("waiting") == 20);
    expected = {0, 20, 0, 0};
  }
  SECTION("all dropped") {
    shop.start("notification-1", {{"failRate", 1.0}, {"failMode", std::string("drop")}});
    shop.place(20);
    expected = {0, 0, 20, 0};
  }
  SECTION("retried for ever, so none ends") {
    shop.start("notification-1", {{"failRate", 1.0}, {"failMode", std::string("retry-forever")}});
    shop.place(20);
    expected = {0, 0, 0, 20};
  }
  SECTION("records that cannot be read, or have no value") {
    shop.start("notification-1", {{"failRate", 0.0}});
    shop.produce(topics::orders, Record("k", "no json"));
    shop.produce(topics::orders, Record("k", std::nullopt));
    shop.place(1);
    expected = {1, 2, 0, 0};
  }
  shop.run_for(seconds(10));
  CHECK(shop.outcomes() == expected);
  CHECK(shop.figure("lost") == 0);
  CHECK(shop.figure("doneTwice") == 0);
}

TEST_CASE("After a crash orders wait, another member takes over, and none is lost") {
  Shop shop;
  shop.start("notification-1", {{"failRate", 0.0}});
  shop.start("notification-2", {{"failRate", 0.0}});
  shop.run_for(seconds(5));
  shop.crash("notification-2");
  shop.place(30);
  shop.run_for(seconds(2));
  const std::int64_t waiting = shop.figure("waiting");
  CHECK(waiting > 0);
  CHECK(waiting < 30);
  const json::object report = shop.report("analytics-1");
  const auto& by_partition = report.at("ledger").at("waitingByPartition").as_array();
  CHECK(std::count_if(by_partition.begin(), by_partition.end(), [](const auto& count) { return count != 0; }) <= 2);
  CHECK(shop.figure("lost") == 0);
  shop.run_for(seconds(15));
  CHECK(shop.outcomes() == Counts{30, 0, 0, 0});
  CHECK(shop.figure("lost") == 0);
}

TEST_CASE("Work that is done again after a redelivery is folded, also by an analytics that starts later") {
  Shop shop;
  shop.start("notification-1", {{"failRate", 0.3}});
  shop.place(30);
  shop.run_for(seconds(5));
  const Counts before = shop.outcomes();
  shop.stop("notification-1");
  shop.rewind(group);
  shop.restart("notification-1");
  shop.run_for(seconds(5));
  CHECK(shop.outcomes() == before);
  CHECK(shop.figure("doneTwice") >= 30);
  CHECK(shop.figure("lost") == 0);
  const json::object ledger = shop.report("analytics-1").at("ledger").as_object();
  shop.crash("analytics-1");
  shop.restart("analytics-1");
  shop.run_for(seconds(15));
  CHECK(shop.report("analytics-1").at("ledger").as_object() == ledger);
}

TEST_CASE("Orders that a group skips are lost, and the ledger says where they are") {
  Shop shop;
  shop.start("notification-1", {{"failRate", 0.0}});
  shop.run_for(seconds(1));
  shop.stop("notification-1");
  shop.place(3);
  shop.run_for(seconds(3));
  CHECK(shop.figure("lost") == 0);
  CHECK(shop.figure("waiting") == 3);
  std::vector<TopicPartition> partitions;
  for (int partition = 0; partition < 3; ++partition) partitions.emplace_back(std::string(topics::orders), partition);
  auto ends = shop.result_of(shop.bus->admin().resolve(std::move(partitions), Where::end())).value();
  shop.result_of(shop.bus->admin().reset_offsets(group, std::move(ends))).value();
  shop.run_for(seconds(3));
  CHECK(shop.figure("lost") == 3);
  CHECK(shop.report("analytics-1").at("ledger").at("lostAt").as_array().size() == 3);
  CHECK(shop.figure("waiting") == 3);
}
