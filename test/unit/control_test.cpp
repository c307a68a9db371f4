#include "runtime/control.hpp"
#include "base/fault_domain.hpp"
#include "fake_modules.hpp"
#include "slow_bus.hpp"
#include "support/catch.hpp"

#include <boost/asio/detached.hpp>
#include <memory>

using namespace foodorder;
using foodorder::test::Stage;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Ids = std::vector<std::string>;

namespace {

/// One process: its instances and its control plane, which can be crashed together.
struct Process {
  Process(Stage& where, const std::string& name, const Ids& instances)
      : stage(where),
        domain(where.loop.context.get_executor(), name),
        supervisor(domain.get_executor(), where.parts(), Stage::kinds()),
        control(*where.bus, where.loop.clock, *where.ids, supervisor, name) {
    for (const std::string& instance : instances) {
      const std::string kind = instance.substr(0, instance.find('-'));
      supervisor.add(kind, instance, Settings(supervisor.find_kind(kind)->settings)).value();
      supervisor.start(instance).value();
    }
    asio::co_spawn(domain.get_executor(), control.run(), [this](std::exception_ptr) { ended = true; });
    where.loop.run_for(milliseconds(1));
  }
  ~Process() { crash(); }

  void crash() {
    domain.crash();
    stage.loop.run_ready();
  }

  /// Sends a command and lets that much time pass.
  std::optional<CommandOutcome> command(const std::string& instance, const std::string& action,
                                        json::object settings = {}, Duration wait = Duration::zero()) {
    // It may come later, when nobody asks any more.
    const auto outcome = std::make_shared<std::optional<CommandOutcome>>();
    asio::co_spawn(domain.get_executor(), control.command(instance, action, std::move(settings)),
                   [outcome](std::exception_ptr, CommandOutcome came) { *outcome = std::move(came); });
    stage.loop.run_for(wait);
    return *outcome;
  }
  std::optional<Result<json::object>> add(const std::string& kind, json::object settings = {}) {
    const auto added = std::make_shared<std::optional<Result<json::object>>>();
    asio::co_spawn(domain.get_executor(), control.add(kind, std::move(settings)),
                   [added](std::exception_ptr, Result<json::object> result) { *added = std::move(result); });
    stage.loop.run_for(milliseconds(1));
    return *added;
  }

  [[nodiscard]] std::string state(const std::string& instance) const {
    const auto module = control.directory().module(instance);
    return module ? std::string(module->at("state").as_string()) : "unknown";
  }
  [[nodiscard]] Ids instances() const {
    Ids ids;
    for (const json::object& module : control.directory().modules())
      ids.emplace_back(module.at("instance").as_string());
    return ids;
  }

  Stage& stage;
  FaultDomain domain;
  Supervisor supervisor;
  ControlPlane control;
  bool ended = false;
};

json::object object(std::string_view text) { return json::parse(text).as_object(); }

/// The log of module-status: the newest record is there, older ones may be compacted.
ReadPage statuses(Stage& stage) {
  const TopicPartition log(std::string(topics::module_status), 0);
  return stage.loop.run(stage.bus->admin().read(log, 0, ReadLimits())).value().value();
}

Task<Result<Position>> send(Producer& producer, ProducerRecord record) {
  auto sent = co_await producer.send(std::move(record));
  co_return sent;
}

void write(Stage& stage, std::string_view topic, std::string key, std::optional<std::string> value) {
  const auto producer = stage.bus->producer(ProducerSpec("somebody"));
  stage.loop.run(send(*producer, ProducerRecord(std::string(topic), Record(key, value)))).value().value();
}

}  // namespace

// ------------------------------------------------------------------------------------------------- statuses

TEST_CASE("Every instance shows itself on module-status each second") {
  Stage stage;
  const Process process(stage, "one", {"fake-1", "fake-2"});
  stage.loop.run_for(seconds(1));
  const std::int64_t before = statuses(stage).end_offset;
  stage.loop.run_for(seconds(1));
  const ReadPage page = statuses(stage);
  CHECK(page.end_offset == before + 2);
  const Record& newest = *page.records.back().record;
  CHECK(newest.key() == "fake-2");
  const json::object last = object(*newest.value());
  CHECK(last.at("instance").as_string() == "fake-2");
  CHECK(last.at("kind").as_string() == "fake");
  CHECK(last.at("process").as_string() == "one");
  CHECK(last.at("state").as_string() == "running");
  CHECK(last.at("ready").as_bool());
  CHECK(last.at("settings").as_object() == object(R"({"mood":"calm","speed":1})"));
  CHECK(last.at("report").as_object() == object(R"({"by":"fake-2"})"));
  CHECK_FALSE(last.contains("error"));
}

TEST_CASE("A change of state shows at once, with its reason") {
  Stage stage;
  stage.script.fails_after["fake-1"] = milliseconds(1'500);
  const Process process(stage, "one", {"fake-1", "fake-2"});
  stage.loop.run_for(milliseconds(1'499));
  REQUIRE(process.state("fake-1") == "failed");
  CHECK(process.control.directory().module("fake-1")->at("error").as_string() == "the oven is cold");
  CHECK(process.state("fake-2") == "running");
}

TEST_CASE("An instance shows itself each second, however often another one changes") {
  Stage stage;
  Process process(stage, "one", {"fake-1", "fake-2"});
  const Process watching(stage, "two", {});
  for (int i = 0; i < 10; ++i) {
    stage.loop.run_for(milliseconds(500));
    process.supervisor.pause("fake-1", i % 2 == 0).value();
    CHECK(watching.state("fake-2") == "running");
  }
}

TEST_CASE("An instance that is silent for more than 3 s is lost, and comes back when it shows itself again") {
  Stage stage;
  const Process watching(stage, "one", {});
  {
    Process crashing(stage, "two", {"fake-1"});
    stage.loop.run_for(seconds(10));
    CHECK(watching.state("fake-1") == "running");
    crashing.crash();
    stage.loop.run_for(milliseconds(1'900));
    CHECK(watching.state("fake-1") == "running");
    stage.loop.run_for(milliseconds(1'200));
    CHECK(watching.state("fake-1") == "lost");
    CHECK_FALSE(watching.control.directory().module("fake-1")->at("ready").as_bool());
  }
  const Process again(stage, "two", {"fake-1"});
  CHECK(watching.state("fake-1") == "running");
}

TEST_CASE("A kind's report is the newest of those that are alive and ready, and none when all are lost") {
  Stage stage;
  const Process watching(stage, "one", {});
  CHECK_FALSE(watching.control.directory().report_of("fake").has_value());
  Process first(stage, "two", {"fake-1"});
  Process second(stage, "three", {"fake-2"});
  second.crash();
  stage.loop.run_for(milliseconds(2'100));
  CHECK(watching.control.directory().report_of("fake")->at("by").as_string() == "fake-1");
  CHECK_FALSE(watching.control.directory().report_of("member").has_value());
  write(stage, topics::module_status, "fake-3",
        R"({"instance":"fake-3","kind":"fake","process":"four","state":"running","ready":false,"restarts":0,
            "settings":{},"report":{"by":"fake-3"},"timestamp":"2026-02-05T13:00:00.000Z"})");
  CHECK(watching.control.directory().report_of("fake")->at("by").as_string() == "fake-1");
  first.crash();
  stage.loop.run_for(milliseconds(2'100));
  CHECK(watching.control.directory().report_of("fake").has_value());
  stage.loop.run_for(milliseconds(1'000));
  CHECK_FALSE(watching.control.directory().report_of("fake").has_value());
}

TEST_CASE("A tombstone on module-status makes an instance forgotten; garbage changes nothing") {
  Stage stage;
  const Process watching(stage, "one", {"fake-1"});
  Process gone(stage, "two", {"fake-2"});
  gone.crash();
  write(stage, topics::module_status, "fake-1", "{not json");
  write(stage, topics::module_status, "fake-1", "[1,2]");
  write(stage, topics::module_control, "fake-1", "{not json");
  write(stage, topics::module_control, "fake-1", R"({"instance":7,"action":[]})");
  write(stage, topics::module_control, "fake-1", {});
  CHECK(watching.instances() == Ids{"fake-1", "fake-2"});
  write(stage, topics::module_status, "fake-2", {});
  CHECK(watching.instances() == Ids{"fake-1"});
  CHECK(watching.state("fake-1") == "running");
}

TEST_CASE("A control plane is ready once it knows the statuses that the log held") {
  Stage stage;
  Process crashed(stage, "two", {"fake-1"});
  crashed.crash();
  Supervisor supervisor(stage.loop.context.get_executor(), stage.parts(), Stage::kinds());
  const ControlPlane not_run(*stage.bus, stage.loop.clock, *stage.ids, supervisor, "three");
  CHECK_FALSE(not_run.directory().ready());
  const Process process(stage, "one", {});
  CHECK(process.control.directory().ready());
  CHECK(process.instances() == Ids{"fake-1"});
}

// ------------------------------------------------------------------------------------------------- commands

TEST_CASE("A command is answered with the instance as it is after it") {
  Stage stage;
  Process process(stage, "one", {"fake-1"});
  for (const auto& [action, state] :
       {std::pair("pause", "paused"), std::pair("resume", "running"), std::pair("stop", "stopped"),
        std::pair("start", "running"), std::pair("crash", "crashed"), std::pair("start", "running")}) {
    const auto outcome = process.command("fake-1", action);
    REQUIRE(outcome.has_value());
    CHECK(outcome->answered);
    CHECK(outcome->error_code.empty());
    // It has only begun to start.
    CHECK(outcome->status.at("state").as_string() == (action == std::string("start") ? "starting" : state));
    CHECK_FALSE(outcome->status.contains("commandId"));
    CHECK(process.state("fake-1") == state);
  }
}

TEST_CASE("Settings are changed by command; a wrong one is refused by its name, and nothing changes") {
  Stage stage;
  Process process(stage, "one", {"fake-1"});
  const auto set = process.command("fake-1", "configure", object(R"({"speed":4,"mood":"wild"})"));
  CHECK(set->status.at("settings").as_object() == object(R"({"mood":"wild","speed":4})"));
  for (const char* wrong :
       {R"({"mood":"calm","speed":11})", R"({"mood":"calm","speed":[4]})", R"({"mood":"calm","speed":"fast"})"}) {
    const auto refused = process.command("fake-1", "configure", object(wrong));
    CHECK(refused->answered);
    CHECK(refused->error_code == "invalid_argument");
    CHECK(refused->error.find("speed") == 0);
    CHECK(refused->status.at("settings").as_object() == object(R"({"mood":"wild","speed":4})"));
  }
}

TEST_CASE("A replay by command answers when it is done") {
  Stage stage;
  Process process(stage, "one", {"fake-1", "member-1"});
  CHECK(process.command("fake-1", "replay")->error_code.empty());
  CHECK(process.command("member-1", "replay")->error_code == "unsupported");
}

TEST_CASE("A start that fails is answered with its reason") {
  Stage stage;
  Process process(stage, "one", {"fake-1"});
  CHECK(process.command("fake-1", "crash")->answered);
  stage.script.throws = "make";
  const auto outcome = process.command("fake-1", "start");
  REQUIRE(outcome.has_value());
  CHECK(outcome->answered);
  CHECK(outcome->error_code == "unavailable");
  CHECK(outcome->error == "fake-1 failed: the oven is cold");
  CHECK(outcome->status.at("state").as_string() == "failed");
}

TEST_CASE("An action that is not there is refused") {
  Stage stage;
  Process process(stage, "one", {"fake-1"});
  const auto outcome = process.command("fake-1", "dance");
  CHECK(outcome->error_code == "invalid_argument");
  CHECK(outcome->error.find("dance") != std::string::npos);
}

TEST_CASE("An answer that is read before the command's acknowledgement comes is not lost") {
  Stage stage;
  foodorder::test::Delays delays;
  delays.acknowledgement = milliseconds(100);
  stage.bus = foodorder::test::make_slow_bus(std::move(stage.bus), stage.loop.clock, delays);
  Process process(stage, "one", {"fake-1"});
  const auto outcome = process.command("fake-1", "pause", {}, milliseconds(100));
  REQUIRE(outcome.has_value());
  CHECK(outcome->answered);
  CHECK(outcome->status.at("state").as_string() == "paused");
}

TEST_CASE("A command to an instance that nobody has is given up after 2 s") {
  Stage stage;
  Process process(stage, "one", {"fake-1"});
  std::optional<CommandOutcome> outcome;
  asio::co_spawn(stage.loop.context, process.control.command("ghost-1", "stop", {}),
                 [&](std::exception_ptr, CommandOutcome came) { outcome = std::move(came); });
  stage.loop.run_for(milliseconds(1'999));
  CHECK_FALSE(outcome.has_value());
  stage.loop.run_for(milliseconds(1));
  REQUIRE(outcome.has_value());
  CHECK_FALSE(outcome->answered);
  CHECK(process.state("fake-1") == "running");
}

TEST_CASE("A command that takes longer than 2 s is carried out all the same") {
  Stage stage;
  Process process(stage, "one", {"fake-1"});
  stage.script.holds_stop = true;
  const auto outcome = process.command("fake-1", "stop", {}, seconds(2));
  REQUIRE(outcome.has_value());
  CHECK_FALSE(outcome->answered);
  CHECK(process.state("fake-1") == "stopping");
  stage.script.let_go();
  stage.loop.run_ready();
  CHECK(process.state("fake-1") == "stopped");
}

TEST_CASE("Commands do not wait for each other: a slow stop does not hold up a crash") {
  Stage stage;
  Process process(stage, "one", {"fake-1", "fake-2"});
  stage.script.holds_stop = true;
  CHECK_FALSE(process.command("fake-1", "stop").has_value());
  CHECK(process.command("fake-2", "pause")->status.at("state").as_string() == "paused");
  CHECK(process.command("fake-1", "crash")->status.at("state").as_string() == "crashed");
}

// ------------------------------------------------------------------------------------------ several processes

TEST_CASE("Two processes see and control each other's instances") {
  Stage stage;
  Process one(stage, "one", {"fake-1"});
  Process two(stage, "two", {"fake-2"});
  CHECK(one.instances() == Ids{"fake-1", "fake-2"});
  CHECK(two.instances() == Ids{"fake-1", "fake-2"});
  const auto outcome = one.command("fake-2", "stop");
  CHECK(outcome->answered);
  CHECK(outcome->status.at("process").as_string() == "two");
  CHECK(two.supervisor.statuses().front().state == InstanceState::stopped);
  CHECK(one.supervisor.statuses().front().state == InstanceState::running);
  CHECK(one.state("fake-2") == "stopped");
  CHECK(two.command("fake-1", "configure", object(R"({"speed":9})"))->status.at("settings").at("speed") == 9);
  CHECK(one.supervisor.statuses().front().settings.integer("speed") == 9);
}

TEST_CASE("A process that starts does not carry out the commands of before") {
  Stage stage;
  Process one(stage, "one", {"fake-1"});
  const auto asked = one.command("fake-2", "crash", {}, seconds(2));
  CHECK_FALSE(asked->answered);
  const Process two(stage, "two", {"fake-2"});
  stage.loop.run_for(seconds(2));
  CHECK(one.state("fake-2") == "running");
}

TEST_CASE("One more instance gets the next number that is free in all processes, and runs") {
  Stage stage;
  Process one(stage, "one", {"fake-1"});
  Process two(stage, "two", {"fake-2"});
  const auto added = one.add("fake", object(R"({"speed":3})"));
  REQUIRE(added.has_value());
  CHECK(added->value().at("instance").as_string() == "fake-3");
  CHECK(added->value().at("settings").at("speed") == 3);
  CHECK(two.state("fake-3") == "running");
  two.crash();
  stage.loop.run_for(milliseconds(3'100));
  CHECK(one.add("fake")->value().at("instance").as_string() == "fake-2");
}

TEST_CASE("One more instance is refused for an unknown kind or a wrong setting, and then there is none") {
  Stage stage;
  Process one(stage, "one", {});
  CHECK(one.add("nonsense")->error().code == Errc::not_found);
  CHECK(one.add("fake", object(R"({"speed":11})"))->error().code == Errc::invalid_argument);
  CHECK(one.add("fake", object(R"({"sped":1})"))->error().code == Errc::not_found);
  CHECK(one.instances().empty());
}

TEST_CASE("Stopped, a control plane ends at once") {
  Stage stage;
  Process process(stage, "one", {"fake-1"});
  process.control.stop();
  stage.loop.run_ready();
  CHECK(process.ended);
}
