// Ids of instances, over several processes on one bus.

#include "base/fault_domain.hpp"
#include "fake_modules.hpp"
#include "runtime/control.hpp"
#include "support/catch.hpp"

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <memory>
#include <optional>
#include <utility>

using namespace foodorder;
using foodorder::test::Stage;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Ids = std::vector<std::string>;

namespace {

using Added = std::shared_ptr<std::optional<Result<std::string>>>;

/// One process on the stage's bus.
struct Process {
  Process(Stage& where, const std::string& name)
      : stage(where),
        domain(where.loop.context.get_executor(), name),
        supervisor(domain.get_executor(), where.parts(), Stage::kinds()),
        control(*where.bus, where.loop.clock, *where.ids, supervisor, name) {
    asio::co_spawn(domain.get_executor(), control.run(), [this](std::exception_ptr) { ended = true; });
  }
  ~Process() { crash(); }

  void crash() {
    domain.crash();
    stage.loop.run_ready();
  }
  /// Its end by SIGTERM.
  void end() {
    asio::co_spawn(domain.get_executor(), supervisor.stop_all(), asio::detached);
    stage.loop.run_ready();
    control.stop();
    stage.loop.run_ready();
  }

  /// Begins to add an instance; the result comes when it is done.
  Added begin_add(std::string id = "", const std::string& kind = "fake") {
    auto added = std::make_shared<std::optional<Result<std::string>>>();
    Settings settings(supervisor.find_kind(kind)->settings);
    asio::co_spawn(domain.get_executor(), control.add(kind, std::move(id), std::move(settings)),
                   [added](std::exception_ptr, Result<std::string> result) { *added = std::move(result); });
    return added;
  }
  std::string add(std::string id = "") {
    const Added added = begin_add(std::move(id));
    stage.loop.run_for(milliseconds(1));
    REQUIRE(added->has_value());
    return (*added)->value();
  }

  [[nodiscard]] Ids running() const {
    Ids ids;
    for (const InstanceStatus& status : supervisor.statuses()) ids.push_back(status.instance);
    return ids;
  }
  [[nodiscard]] std::string state(const std::string& instance) const {
    const auto module = control.directory().module(instance);
    return module ? std::string(module->at("state").as_string()) : "unknown";
  }

  Stage& stage;
  FaultDomain domain;
  Supervisor supervisor;
  ControlPlane control;
  bool ended = false;
};

/// Which processes wrote the statuses of an instance, oldest first.
Ids writers(Stage& stage, std::string_view instance) {
  const TopicPartition log(std::string(topics::module_status), 0);
  Ids ids;
  const ReadPage page = stage.loop.run(stage.bus->admin().read(log, 0, ReadLimits())).value().value();
  for (const ConsumerRecord& record : page.records)
    if (record.record->key() == instance && record.record->value())
      ids.emplace_back(json::parse(*record.record->value()).at("process").as_string());
  return ids;
}

Task<Result<Position>> send(Producer& producer, ProducerRecord record) {
  auto sent = co_await producer.send(std::move(record));
  co_return sent;
}

/// A status, as any process would write it.
void show(Stage& stage, const std::string& instance, const std::string& process) {
  const auto producer = stage.bus->producer(ProducerSpec(process));
  constexpr const char* rest =
      R"("state":"running","ready":true,"restarts":0,"settings":{},"report":{},"timestamp":"2026-02-05T13:00:00.000Z")";
  Record status(instance,
                fmt::format(R"({{"instance":"{}","kind":"fake","process":"{}",{}}})", instance, process, rest));
  ProducerRecord record(std::string(topics::module_status), std::move(status));
  stage.loop.run(send(*producer, std::move(record))).value().value();
}

}  // namespace

TEST_CASE("An id that is alive in another process is refused, with the name of both, and nothing is started") {
  Stage stage;
  Process one(stage, "one");
  Process two(stage, "two");
  one.add("fake-7");
  const Added refused = two.begin_add("fake-7");
  stage.loop.run_for(milliseconds(1));
  REQUIRE(refused->has_value());
  CHECK((*refused)->error().code == Errc::invalid_argument);
  CHECK((*refused)->error().message == "fake-7 is alive in another process, one");
  CHECK(two.running().empty());
  CHECK(two.control.directory().owner("fake-7") == "one");
}

TEST_CASE("Instances get the next numbers that are free in all processes") {
  Stage stage;
  Process one(stage, "one");
  CHECK(one.add() == "fake-1");
  CHECK(one.add() == "fake-2");
  CHECK(one.add("fake-4") == "fake-4");
  Process two(stage, "two");
  stage.loop.run_for(seconds(1));
  CHECK(two.add() == "fake-3");
  CHECK(two.add() == "fake-5");
  CHECK(one.add() == "fake-6");
}

TEST_CASE("Two processes that take one id at the same moment: the higher offset yields") {
  Stage stage;
  Process one(stage, "one");
  Process two(stage, "two");
  stage.loop.run_for(milliseconds(1));
  const bool chosen = GENERATE(true, false);
  const std::string id = chosen ? "fake-1" : "";
  const Added first = one.begin_add(id);
  const Added second = two.begin_add(id);
  stage.loop.run_for(milliseconds(1));
  REQUIRE(first->has_value());
  REQUIRE(second->has_value());
  const Ids signs = writers(stage, "fake-1");
  REQUIRE(signs.size() >= 2);
  CHECK(signs[0] == "one");
  CHECK(signs[1] == "two");  // it had not yet read the other's sign
  CHECK((*first)->value() == "fake-1");
  CHECK(one.running() == Ids{"fake-1"});
  if (chosen)
    CHECK((*second)->error().message == "fake-1 is alive in another process, one");
  else
    CHECK((*second)->value() == "fake-2");
  CHECK(two.running() == (chosen ? Ids() : Ids{"fake-2"}));
  // All agree, also one that comes later.
  const Process three(stage, "three");
  stage.loop.run_for(seconds(5));
  for (const Process* process : {&std::as_const(one), &std::as_const(two), &three})
    CHECK(process->control.directory().owner("fake-1") == "one");
}

TEST_CASE("Two that are added at the same moment in one process get two numbers") {
  Stage stage;
  Process one(stage, "one");
  const Added first = one.begin_add();
  const Added second = one.begin_add();
  const Added third = one.begin_add("fake-2");
  stage.loop.run_for(milliseconds(1));
  CHECK((*first)->value() == "fake-1");
  CHECK((*second)->value() == "fake-2");
  CHECK((*third)->has_error());
  CHECK(one.running() == Ids{"fake-1", "fake-2"});
}

TEST_CASE("The id of a process that was killed is free once it is silent for 3 s, and who wants it waits for that") {
  Stage stage;
  Process killed(stage, "one");
  killed.add();
  stage.loop.run_for(seconds(10));
  killed.crash();
  stage.loop.run_for(seconds(1));
  Process again(stage, "two");
  const bool chosen = GENERATE(true, false);
  const Added added = again.begin_add(chosen ? "fake-1" : "");
  stage.loop.run_for(milliseconds(1'900));
  CHECK_FALSE(added->has_value());
  stage.loop.run_for(milliseconds(1'200));
  REQUIRE(added->has_value());
  CHECK((*added)->value() == "fake-1");
  CHECK(again.state("fake-1") == "running");
}

TEST_CASE("A process that starts takes no status that it finds for a sign of life, but the next one") {
  Stage stage;
  Process one(stage, "one");
  one.add();
  stage.loop.run_for(milliseconds(500));
  Process two(stage, "two");
  const bool chosen = GENERATE(true, false);
  const Added added = two.begin_add(chosen ? "fake-1" : "");
  stage.loop.run_for(milliseconds(400));
  CHECK_FALSE(added->has_value());
  stage.loop.run_for(milliseconds(200));
  REQUIRE(added->has_value());
  if (chosen)
    CHECK((*added)->has_error());
  else
    CHECK((*added)->value() == "fake-2");
}

TEST_CASE("A process that ends takes its instances back: nobody misses them, and their ids are free at once") {
  Stage stage;
  Process one(stage, "one");
  Process two(stage, "two");
  one.add();
  two.add();
  CHECK(two.state("fake-1") == "running");
  one.end();
  CHECK(one.ended);
  CHECK(two.state("fake-1") == "unknown");
  CHECK(two.state("fake-2") == "running");
  CHECK(two.add() == "fake-1");
}

TEST_CASE("An instance belongs to who showed it first, until that one is silent for more than 3 s") {
  Stage stage;
  const Process watching(stage, "watching");
  const auto owner = [&] { return watching.control.directory().owner("fake-1"); };
  show(stage, "fake-1", "one");
  show(stage, "fake-1", "two");
  CHECK(owner() == "one");
  stage.loop.run_for(seconds(3));
  show(stage, "fake-1", "two");
  CHECK(owner() == "one");
  stage.loop.run_for(milliseconds(1));
  CHECK(owner().empty());
  show(stage, "fake-1", "two");
  CHECK(owner() == "two");
  show(stage, "fake-1", "one");
  CHECK(owner() == "two");
}

TEST_CASE("An instance for which the process has no room leaves no sign") {
  Stage stage;
  Process one(stage, "one");
  for (int number = 1; number <= 64; ++number) one.add();
  const Added added = one.begin_add();
  stage.loop.run_for(milliseconds(1));
  CHECK((*added)->error().code == Errc::queue_full);
  CHECK(one.state("fake-64") == "running");
  CHECK(one.state("fake-65") == "unknown");
}

TEST_CASE("An addition under way when the process ends is given up") {
  Stage stage;
  Process killed(stage, "one");
  killed.add();
  killed.crash();
  Process two(stage, "two");
  const Added added = two.begin_add("fake-1");
  stage.loop.run_for(milliseconds(500));
  two.end();
  REQUIRE(added->has_value());
  CHECK((*added)->error().code == Errc::closed);
  CHECK(two.running().empty());
}
