#include "runtime/faults.hpp"
#include "foodorder/base/park.hpp"
#include "runtime/instance_bus.hpp"
#include "supervisor_world.hpp"

using namespace foodorder;
using foodorder::test::Ids;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Settings of a kind that has nothing but its faults.
Settings faulty(std::int64_t delay_ms, double rate) {
  Settings settings(fault_settings());
  settings.set("faultDelayMs", delay_ms).value();
  settings.set("faultRate", rate).value();
  return settings;
}

int failures_of(double rate, const std::string& instance, int count) {
  Faults faults(instance, 0);
  faults.configure(faulty(0, rate));
  int failures = 0;
  for (int n = 0; n < count; ++n) failures += faults.fails() ? 1 : 0;
  return failures;
}

/// How long one batch is held.
Duration held(VirtualLoop& loop, Faults& faults, AsyncEvent& ended) {
  const Timestamp begin = loop.clock.now();
  bool done = false;
  asio::co_spawn(loop.context, faults.hold(loop.clock, ended), [&](std::exception_ptr) { done = true; });
  REQUIRE(loop.run_until([&] { return done; }));
  return loop.clock.now() - begin;
}

/// Whose fakes can be made to fail.
struct World : test::SupervisorWorld {
  World() {
    supervisor_with_faults.add("fake", "fake-1", Settings(supervisor_with_faults.find_kind("fake")->settings)).value();
    supervisor_with_faults.start("fake-1").value();
    routes = supervisor_with_faults.routes();
    loop.run_ready();
  }
  void set(const std::string& name, SettingValue value) {
    supervisor_with_faults.configure("fake-1", {{name, std::move(value)}}).value();
  }

  Supervisor supervisor_with_faults{loop.context.get_executor(), parts(), with_faults(kinds())};
};

}  // namespace

TEST_CASE("A share of the work fails, the same with each start, and other work for another instance") {
  CHECK(failures_of(0, "order-1", 1'000) == 0);
  CHECK(failures_of(1, "order-1", 1'000) == 1'000);
  const int failures = failures_of(0.3, "order-1", 10'000);
  CHECK(failures > 2'700);
  CHECK(failures < 3'300);
  CHECK(failures == failures_of(0.3, "order-1", 10'000));
  CHECK(failures != failures_of(0.3, "order-2", 10'000));
}

TEST_CASE("A kind without these settings has no faults") {
  Faults faults("fake-1", 0);
  faults.configure(faulty(5, 1));
  faults.configure(Settings());
  CHECK(faults.fails());  // as it was set last
  Faults none("fake-1", 0);
  none.configure(Settings());
  CHECK_FALSE(none.fails());
  CHECK(none.delay() == Duration::zero());
}

TEST_CASE("A batch waits for the delay, and 200 ms for each failure in a row, ten at most") {
  VirtualLoop loop;
  AsyncEvent ended;
  Faults faults("audit-1", 0);
  CHECK(held(loop, faults, ended) == Duration::zero());
  faults.configure(faulty(500, 0));
  CHECK(held(loop, faults, ended) == milliseconds(500));
  faults.configure(faulty(500, 1));
  CHECK(held(loop, faults, ended) == milliseconds(2'500));
  ended.set();  // a stop does not wait for it
  CHECK(held(loop, faults, ended) == Duration::zero());
}

TEST_CASE("A request is late by faultDelayMs, and gets a 503 by faultRate") {
  World world;
  world.set("faultDelayMs", std::int64_t(300));
  const auto late = world.ask();
  CHECK_FALSE(late->response);
  world.loop.run_for(milliseconds(299));
  CHECK_FALSE(late->response);
  world.loop.run_for(milliseconds(1));
  CHECK(late->response->status == 200);
  world.set("faultDelayMs", std::int64_t(0));
  world.set("faultRate", 1.0);
  const auto failed = world.ask();
  CHECK(failed->response->status == 503);
  CHECK(failed->response->body.find("injected-fault") != std::string::npos);
  CHECK(world.script.count("fake-1 answers") == 1);
  world.set("faultRate", 0.0);
  CHECK(world.ask()->response->status == 200);
}

TEST_CASE("A request that is late meets the state that its instance has then") {
  World world;
  world.set("faultDelayMs", std::int64_t(300));
  const auto late = world.ask();
  world.supervisor_with_faults.crash("fake-1").value();
  world.loop.run_for(milliseconds(300));
  CHECK(late->response->status == 503);
  CHECK(world.script.count("fake-1 answers") == 0);
}

TEST_CASE("A member reads its batches late, and still leaves at once") {
  test::Stage stage;
  const auto faults = std::make_shared<Faults>("fake-1", 0);
  faults->configure(faulty(400, 0));
  InstanceBus bus(*stage.bus, stage.loop.clock, stage.metrics, "fake-1", faults);
  ConsumerSpec spec("fake-1", {std::string(topics::orders)});
  spec.group = "fake-group";
  const auto member = bus.subscribe(std::move(spec));
  REQUIRE(std::holds_alternative<Assigned>(stage.loop.finish(member->next()).value()));
  Record record({}, "order");
  const auto producer = stage.bus->producer(ProducerSpec("test"));
  stage.loop.finish(producer->send(ProducerRecord(std::string(topics::orders), std::move(record)))).value();
  const Timestamp sent = stage.loop.clock.now();
  REQUIRE(std::holds_alternative<Records>(stage.loop.finish(member->next()).value()));
  CHECK(stage.loop.clock.now() - sent >= milliseconds(400));
}
