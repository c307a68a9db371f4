#include "analytics/module.hpp"
#include "fraud/module.hpp"
#include "monolith/fraud_gate.hpp"
#include "unit/store_world.hpp"
#include "world.hpp"

#include <fmt/format.h>
#include <array>

// The monolith's figures by SQL, and those of analytics and fraud, which read the same orders as a log.

using namespace foodorder;
using namespace foodorder::database;
using foodorder::test::StoreWorld;
using foodorder::test::World;
using Next = JobResult::Next;

namespace {

/// 60 orders in about four minutes by 7 customers, some of which make alerts; each is notified, retried or dead.
void fill(StoreWorld& world) {
  static constexpr std::array items = {"Pizza", "Soup", "Cake", "Rice",  "Tea",  "Fish",
                                       "Bread", "Egg",  "Corn", "Beans", "Stew", "Pie"};
  monolith::FraudGate gate;
  gate.set_block_on("none");
  for (std::size_t i = 0; i < 60; ++i) {
    NewOrder order = world.new_order(fmt::format("customer {}", i % 9 == 0 ? 1 : i % 7));
    OrderEvent& event = order.write.event;
    event.order.item = items[i * i % items.size()];
    event.order.price_cents = i % 10 == 0 ? 9'000 : 150 + static_cast<std::int64_t>(i);
    order.decide = gate.decide(event);
    REQUIRE(world.try_place(std::move(order)).has_value());
    world.loop.clock.advance(std::chrono::milliseconds(i < 30 ? 1'300 : 6'100));
    if (i % 4 != 0) continue;
    for (const Job& job : world.lease("worker-1").jobs)
      world.finish(job, "worker-1",
                   job.id % 5 == 0                           ? Next::dead
                   : job.id % 3 == 0 && job.retry_count == 0 ? Next::retry
                                                             : Next::done);
  }
}

std::string text_of(const json::value& value) { return json::serialize(value); }

/// What was said of each order: what, with which alerts, by which counts.
std::map<std::string, std::string> verdicts(const std::vector<ConsumerRecord>& records) {
  std::map<std::string, std::string> found;
  for (const ConsumerRecord& record : records) {
    if (record.position.tp.topic != topics::audit) continue;
    const json::value body = json::parse(*record.record->value());
    if (body.at("source").as_string() != "fraud-service") continue;
    found[std::string(body.at("orderId").as_string())] =
        text_of(body.at("action")) + text_of(body.at("alerts")) + text_of(body.at("windowStats"));
  }
  return found;
}

/// The events architecture's modules, with the records that the tables have of the order and notification services.
class Readers {
 public:
  Readers(StoreWorld& store, const std::vector<ConsumerRecord>& records) : world({analytics_kind(), fraud_kind()}) {
    world.loop.clock.advance(store.loop.clock.now() - world.loop.clock.now());
    world.start("analytics-1");
    world.start("fraud-1");
    for (const ConsumerRecord& record : records) {
      const bool verdict = find_header(record.record->headers, headers::ce_source) == "fraud-service";
      if (verdict || record.position.tp.topic == topics::order_status) continue;
      world.produce(record.position.tp.topic, *record.record);
    }
    world.run_for(std::chrono::seconds(3));
  }

  World world;
};

}  // namespace

TEST_CASE("Statistics by SQL are those that analytics counts for the same orders") {
  StoreWorld store;
  fill(store);
  Readers readers(store, store.records());
  const json::object counted = readers.world.report("analytics-1");
  const json::object queried = store.get(store.orders().statistics(readers.world.loop.clock.now()));
  CHECK(queried.at("notifications").at("deadLettered").as_int64() > 5);
  CHECK(queried.at("notifications").at("retries").as_int64() > 5);
  for (const char* figure : {"orders", "revenue", "items", "otherItems", "perMinute", "notifications"}) {
    INFO(figure);
    CHECK(text_of(queried.at(figure)) == text_of(counted.at(figure)));
  }
  CHECK(queried.at("timeToNotified").at("meanMs") == counted.at("timeToNotified").at("meanMs"));
  for (const char* figure : {"timeToNotified", "lastMinute"}) {
    INFO(figure);
    CHECK(queried.at(figure).at("count") == counted.at(figure).at("count"));
    // Those of analytics are the ends of buckets, each 1/32 wide; SQL has them exactly.
    for (const char* quantile : {"p50Ms", "p99Ms"}) {
      const double exact = queried.at(figure).at(quantile).as_double();
      const double bucket = counted.at(figure).at(quantile).as_double();
      CHECK(exact <= bucket);
      CHECK(bucket <= exact * (1 + 1.0 / 32));
    }
  }
  for (const char* figure : {"accepted", "notified", "gaveUp", "dropped", "waiting", "lost"}) {
    INFO(figure);
    CHECK(queried.at("ledger").at(figure) == counted.at("ledger").at(figure));
  }
}

TEST_CASE("The fraud check judges each order as the fraud service does") {
  StoreWorld store;
  fill(store);
  const std::vector<ConsumerRecord> records = store.records();
  Readers readers(store, records);
  const auto checked = verdicts(records);
  REQUIRE(checked.size() == 60);
  CHECK(verdicts(readers.world.read(topics::audit)) == checked);
  std::string all;
  for (const auto& [order, verdict] : checked) all += verdict;
  for (const char* alert : {"VELOCITY", "BURST", "AMOUNT"}) CHECK(all.find(alert) != std::string::npos);
}

TEST_CASE("The figures of fraud by SQL are those of the fraud service") {
  StoreWorld store;
  fill(store);
  Readers readers(store, store.records());
  const json::object counted = readers.world.report("fraud-1");
  // The windows of the service end with the newest order.
  const auto newest = store.get(store.orders().list(Listing())).orders.back().order.created_at;
  const json::object queried = store.get(store.orders().fraud_figures(newest, std::chrono::minutes(1)));
  CHECK(text_of(queried.at("windows")) == text_of(counted.at("windows")));
  CHECK(queried.at("emitted") == counted.at("emitted"));
  const auto known = [](const json::object& figures) {
    std::string text;
    for (const json::value& alert : figures.at("lastAlerts").as_array())
      for (const char* name : {"orderId", "customerName", "type", "reason", "severity"})
        text += text_of(alert.at(name));
    return text;
  };
  CHECK(known(queried) == known(counted));
}
