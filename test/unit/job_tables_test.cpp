#include "store_world.hpp"

#include <algorithm>

using namespace foodorder;
using namespace foodorder::database;
using foodorder::test::StoreWorld;
using Next = JobResult::Next;

namespace {

std::string ids(const Lease& lease) {
  std::string found;
  for (const Job& job : lease.jobs) found += job.order_id.back();
  return found;
}

/// Orders of different customers.
void place(StoreWorld& world, int count) {
  for (int i = 0; i < count; ++i) world.place("customer " + std::to_string(i));
}

void update(StoreWorld& world, const std::string& id) {
  Change change;
  change.order_id = id;
  change.write = world.new_order("x").write;
  change.decide = [](const StoredOrder& stored) {
    OrderEvent event;
    event.action = OrderAction::updated;
    event.order = stored.order;
    return std::optional(event);
  };
  world.get(world.orders().change(std::move(change)));
}

}  // namespace

TEST_CASE("jobs are leased once, the oldest first") {
  StoreWorld world;
  place(world, 5);
  CHECK(ids(world.lease("worker-1", 2)) == "12");
  CHECK(ids(world.lease("worker-2", 50)) == "345");
  CHECK(ids(world.lease("worker-1")).empty());
  CHECK(world.job_counts().leased == 5);
}

TEST_CASE("a result, its audit row and the end of its job are one transaction") {
  StoreWorld world;
  place(world, 1);
  const Job job = world.lease("worker-1").jobs.at(0);
  CHECK(job.deliveries == 1);
  CHECK(job.event.order.item == "Pizza");
  CHECK(world.finish(job, "worker-1", Next::done) == std::vector<bool>{true});
  CHECK(world.job_counts().leased == 0);
  CHECK(world.records().back().position.tp.topic == "audit");
}

TEST_CASE("a finish with a lost lease is fenced, and writes nothing") {
  StoreWorld world;
  place(world, 1);
  const Job job = world.lease("worker-1").jobs.at(0);
  world.loop.clock.advance(world.lease_time);
  const Lease second = world.lease("worker-2");
  REQUIRE(second.jobs.size() == 1);
  CHECK(second.jobs[0].deliveries == 2);
  const std::size_t rows = world.records().size();
  CHECK(world.finish(job, "worker-1", Next::done) == std::vector<bool>{false});
  CHECK(world.records().size() == rows);
  CHECK(world.finish(job, "worker-2", Next::done) == std::vector<bool>{true});
  CHECK(world.finish(job, "worker-2", Next::done) == std::vector<bool>{false});
}

TEST_CASE("a lease that is extended is not given to another") {
  StoreWorld world;
  place(world, 1);
  world.lease("worker-1");
  world.loop.clock.advance(world.lease_time / 2);
  REQUIRE(
      world.loop.run(world.store->jobs().extend("worker-1", world.loop.clock.now() + world.lease_time))->has_value());
  world.loop.clock.advance(world.lease_time * 3 / 4);
  CHECK(world.lease("worker-2").jobs.empty());
  world.loop.clock.advance(world.lease_time / 4);
  CHECK(world.lease("worker-2").jobs.size() == 1);
}

TEST_CASE("a retry is due later, with one more retry and its deliveries counted afresh") {
  StoreWorld world;
  place(world, 1);
  world.finish(world.lease("worker-1").jobs.at(0), "worker-1", Next::retry);
  const Lease early = world.lease("worker-1");
  CHECK(early.jobs.empty());
  REQUIRE(early.next_due.has_value());
  CHECK(*early.next_due == world.loop.clock.now() + std::chrono::milliseconds(200));
  world.loop.clock.advance(std::chrono::milliseconds(200));
  const Lease due = world.lease("worker-1");
  REQUIRE(due.jobs.size() == 1);
  CHECK(due.jobs[0].retry_count == 1);
  CHECK(due.jobs[0].deliveries == 1);
}

TEST_CASE("a dead job has its letter, and starts again from its first delivery") {
  StoreWorld world;
  place(world, 1);
  const Job job = world.lease("worker-1").jobs.at(0);
  world.finish(job, "worker-1", Next::dead);
  CHECK(world.job_counts().dead == 1);
  const auto shown = world.get(world.store->jobs().jobs(10));
  REQUIRE(shown.size() == 1);
  CHECK(shown[0].state == "dead");
  CHECK(shown[0].worker == "worker-1");
  CHECK(world.records().back().position.tp.topic == "orders-dlq");
  const auto unknown = world.loop.run(world.store->jobs().retry(99, world.loop.clock.now()));
  CHECK(unknown->error().code == Errc::not_found);
  REQUIRE(world.loop.run(world.store->jobs().retry(job.id, world.loop.clock.now()))->has_value());
  CHECK(world.job_counts().dead == 0);
  CHECK(world.lease("worker-1").jobs.at(0).retry_count == 0);
  CHECK(world.loop.run(world.store->jobs().retry(job.id, world.loop.clock.now()))->error().code == Errc::not_found);
  CHECK(world.records().back().position.tp.topic == "orders-dlq");  // the log keeps the letter
}

TEST_CASE("a dead job that was started again was ordered when its order was placed") {
  StoreWorld world;
  place(world, 1);
  const Job job = world.lease("worker-1").jobs.at(0);
  world.finish(job, "worker-1", Next::dead);
  world.loop.clock.advance(std::chrono::seconds(5));
  REQUIRE(world.loop.run(world.store->jobs().retry(job.id, world.loop.clock.now()))->has_value());
  world.finish(world.lease("worker-2").jobs.at(0), "worker-2", Next::done);
  const json::object figures = world.get(world.orders().statistics(world.loop.clock.now()));
  const json::object& times = figures.at("timeToNotified").as_object();
  CHECK(times.at("count").as_int64() == 1);
  CHECK(times.at("meanMs").to_number<double>() >= 5000);
}

TEST_CASE("a job that ends its worker each time is dead after five deliveries") {
  StoreWorld world;
  place(world, 1);
  for (int delivery = 1; delivery <= 5; ++delivery) {
    CHECK(world.lease("worker-1").jobs.at(0).deliveries == delivery);
    world.loop.clock.advance(world.lease_time);
  }
  CHECK(world.lease("worker-2").jobs.empty());
  CHECK(world.job_counts().dead == 1);
  const auto shown = world.get(world.store->jobs().jobs(10));
  CHECK(shown.at(0).reason == "5 deliveries without a result");
  CHECK(shown.at(0).deliveries == 5);
}

TEST_CASE("of one order no first delivery is given out before an earlier one has ended") {
  StoreWorld world;
  place(world, 1);
  const Job created = world.lease("worker-1").jobs.at(0);
  update(world, "order-1");
  CHECK(world.lease("worker-2").jobs.empty());
  world.finish(created, "worker-1", Next::done);
  CHECK(world.lease("worker-2").jobs.size() == 1);
}

TEST_CASE("a job that must wait for another one of its order stands before nobody, whatever its clock was") {
  StoreWorld world;
  place(world, 1);
  update(world, "order-1");  // of a clock that was set back: it is due before the order itself
  const Job created = world.lease("worker-1", 1).jobs.at(0);
  CHECK(created.event.action == OrderAction::created);
  CHECK(world.lease("worker-2", 1).jobs.empty());
  place(world, 1);
  CHECK(world.lease("worker-2", 1).jobs.at(0).event.action == OrderAction::created);
  world.finish(created, "worker-1", Next::done);
  CHECK(world.lease("worker-1", 1).jobs.at(0).event.action == OrderAction::updated);
}

TEST_CASE("a retry holds up no later job of its order") {
  StoreWorld world;
  place(world, 1);
  world.finish(world.lease("worker-1").jobs.at(0), "worker-1", Next::retry);
  world.loop.clock.advance(std::chrono::seconds(1));
  CHECK(world.lease("worker-1").jobs.size() == 1);
  update(world, "order-1");
  CHECK(world.lease("worker-2").jobs.size() == 1);
}

TEST_CASE("a worker that stops gives its jobs back, undelivered") {
  StoreWorld world;
  place(world, 3);
  world.lease("worker-1");
  REQUIRE(world.loop.run(world.store->jobs().release("worker-1", world.loop.clock.now()))->has_value());
  const Lease lease = world.lease("worker-2");
  CHECK(ids(lease) == "123");
  CHECK(lease.jobs.at(0).deliveries == 1);
}

TEST_CASE("leases and waits that a clock wrote before it was set back an hour are over") {
  StoreWorld world;
  place(world, 1);
  LeaseRequest ahead;
  ahead.worker = ahead.token = "worker-1";
  ahead.lease = world.lease_time;
  ahead.now = world.loop.clock.now() + std::chrono::hours(1);
  world.get(world.store->jobs().lease(std::move(ahead)));
  CHECK(world.lease("worker-2").jobs.size() == 1);
}

TEST_CASE("a glance counts the rows, and shows some jobs of each state with the end of their lease") {
  StoreWorld world;
  world.limit = 8;
  place(world, 9);
  for (int i = 0; i < 9; ++i) world.place("Ada");
  const Lease lease = world.lease("worker-1", 5);
  for (int i = 0; i < 3; ++i)
    CHECK(world.finish(lease.jobs[static_cast<std::size_t>(i)], "worker-1", Next::dead) == std::vector<bool>{true});
  const Glance glance = world.get(world.store->glance(2));
  CHECK(glance.orders == 17);
  CHECK(glance.blocked == 1);
  CHECK(glance.audit == 17 * 2 + 1 + 3);
  CHECK(glance.keys == 0);
  CHECK(glance.jobs.ready == 12);
  CHECK(glance.jobs.leased == 2);
  CHECK(glance.jobs.dead == 3);
  std::string states;
  for (const ShownJob& job : glance.shown) {
    states += job.state.substr(0, 1);
    CHECK(job.leased_until.has_value() == (job.state == "leased"));
    if (job.leased_until) CHECK(*job.leased_until == world.loop.clock.now() + world.lease_time);
  }
  CHECK(states == "ddllrr");
}
