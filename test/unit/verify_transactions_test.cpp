#include "store_world.hpp"
#include "verify/verifier.hpp"

#include <algorithm>

// The judge of logs, told what the monolith's tables hold, right and wrong.

using namespace foodorder;
using namespace foodorder::database;
using foodorder::test::StoreWorld;
using verify::Verifier;

namespace {

/// The rules that are broken, each once.
std::vector<std::string> broken(const std::vector<ConsumerRecord>& records) {
  verify::Terms terms;
  terms.job_queue = true;
  Verifier verifier(terms);
  for (const char* topic : {"orders", "audit", "orders-dlq", "order-status"})
    for (const ConsumerRecord& record : records)
      if (record.position.tp.topic == topic) verifier.record(record);
  verifier.finish(false);
  std::vector<std::string> rules;
  for (const verify::Violation& violation : verifier.violations()) rules.push_back(violation.rule);
  std::sort(rules.begin(), rules.end());
  rules.erase(std::unique(rules.begin(), rules.end()), rules.end());
  return rules;
}

void notify_all(StoreWorld& world) {
  for (const Job& job : world.lease("worker-1").jobs) world.finish(job, "worker-1", JobResult::Next::done);
}

/// The job is given out until it is dead: no worker tells what became of it.
std::int64_t end_each_worker(StoreWorld& world) {
  std::int64_t job = 0;
  for (Lease lease = world.lease("worker-1"); !lease.jobs.empty(); lease = world.lease("worker-1")) {
    job = lease.jobs.at(0).id;
    world.loop.clock.advance(world.lease_time);
  }
  return job;
}

using Rules = std::vector<std::string>;

}  // namespace

TEST_CASE("tables that keep their promises break no rule") {
  StoreWorld world;
  for (int i = 0; i < 8; ++i) world.place(i % 3 == 0 ? "Ben" : "Ada");
  notify_all(world);
  CHECK(broken(world.records()).empty());
}

TEST_CASE("a dead job that was started again may die again, after fewer retries") {
  StoreWorld world;
  world.place("Ada");
  world.finish(world.lease("worker-1").jobs.at(0), "worker-1", JobResult::Next::retry);
  world.loop.clock.advance(std::chrono::milliseconds(200));
  const std::int64_t job = end_each_worker(world);
  REQUIRE(world.loop.run(world.store->jobs().retry(job, world.loop.clock.now()))->has_value());
  end_each_worker(world);
  CHECK(broken(world.records()).empty());
  const json::object figures = world.get(world.orders().statistics(world.loop.clock.now()));
  CHECK(figures.at("notifications").at("deadLettered").as_int64() == 2);
  CHECK(figures.at("ledger").at("gaveUp").as_int64() == 1);
}

TEST_CASE("a customer who was let through above the limit is found") {
  StoreWorld world;
  world.limit = 100;
  for (int i = 0; i < 6; ++i) world.place("Ada");
  CHECK(broken(world.records()) == Rules{"blocked", "fraud-replay"});
}

TEST_CASE("a customer who was stopped below the limit is found") {
  StoreWorld world;
  world.limit = 2;
  for (int i = 0; i < 3; ++i) world.place("Ada");
  CHECK(broken(world.records()) == Rules{"blocked", "fraud-replay"});
}

TEST_CASE("a verdict that counts others than those committed before it is found") {
  StoreWorld world;
  NewOrder order = world.new_order("Ada");
  order.decide = [event = order.write.event](const RecentOrders& recent) {
    return StoreWorld::judge(event, {recent.by_customer, recent.over_all + 1}, 5);
  };
  CHECK(world.try_place(std::move(order)).has_value());
  CHECK(broken(world.records()) == Rules{"fraud-replay"});
}

TEST_CASE("a verdict or an audit row that was written apart from its order is found") {
  StoreWorld world;
  world.place("Ada");
  std::vector<ConsumerRecord> records = world.records();
  for (ConsumerRecord& record : records)
    if (record.position.tp.topic == "audit") record.position.offset += 5;
  CHECK(broken(records) == Rules{"one-transaction"});
}

TEST_CASE("a delivery that two workers told is found") {
  StoreWorld world;
  world.place("Ada");
  notify_all(world);
  std::vector<ConsumerRecord> records = world.records();
  ConsumerRecord again = records.back();
  again.position.offset += 1;
  records.push_back(std::move(again));
  CHECK(broken(records) == Rules{"lease"});
}
