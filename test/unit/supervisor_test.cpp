#include "runtime/supervisor.hpp"
#include "supervisor_world.hpp"

#include <fmt/format.h>

using namespace foodorder;
using foodorder::test::Ids;
using World = foodorder::test::SupervisorWorld;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// ------------------------------------------------------------------------------------------------ failures

TEST_CASE("A module that throws is shown as failed, with its reason") {
  World world;
  world.script.fails_after["fake-1"] = seconds(5);
  world.start("fake-1");
  CHECK(world.state("fake-1") == "running");
  world.changes.clear();
  world.loop.run_for(seconds(5));
  CHECK(world.state("fake-1") == "failed");
  CHECK(world.status("fake-1").error == "the oven is cold");
  CHECK_FALSE(world.status("fake-1").ready);
  CHECK(world.changes == Ids{"fake-1"});
}

TEST_CASE("A failing instance is started again after 1 s, and each time after twice as long, up to 30 s") {
  World world;
  world.script.fails_after["fake-1"] = Duration::zero();
  world.start("fake-1");
  world.loop.run_for(seconds(125));
  std::vector<std::int64_t> delays;
  for (std::size_t run = 1; run < world.script.runs.size(); ++run)
    delays.push_back((world.script.runs[run].at - world.script.runs[run - 1].at) / milliseconds(1));
  CHECK(delays == std::vector<std::int64_t>{1'000, 2'000, 4'000, 8'000, 16'000, 30'000, 30'000, 30'000});
  CHECK(world.status("fake-1").restarts == 8);
}

TEST_CASE("After a restart that works the error is gone") {
  World world;
  world.script.fails_after["fake-1"] = Duration::zero();
  world.start("fake-1");
  world.script.fails_after.clear();
  world.loop.run_for(seconds(1));
  CHECK(world.state("fake-1") == "running");
  CHECK(world.status("fake-1").error.empty());
  CHECK(world.status("fake-1").restarts == 1);
}

TEST_CASE("A minute of running is forgiven: the delay begins again at 1 s; less than a minute is not") {
  const bool forgiven = GENERATE(true, false);
  World world;
  world.script.fails_after["fake-1"] = Duration::zero();
  world.start("fake-1");
  world.script.fails_after["fake-1"] = forgiven ? milliseconds(60'000) : milliseconds(59'999);
  world.loop.run_for(seconds(1));  // it runs again
  world.loop.run_for(seconds(60));
  REQUIRE(world.state("fake-1") == "failed");
  const std::size_t runs = world.script.runs.size();
  world.loop.run_for(milliseconds(1'100));
  CHECK(world.script.runs.size() == (forgiven ? runs + 1 : runs));
}

TEST_CASE("A failed instance that is stopped or crashed is not started again") {
  World world;
  world.script.fails_after["fake-1"] = Duration::zero();
  world.start("fake-1");
  const bool crashed = GENERATE(true, false);
  if (crashed)
    world.crash("fake-1");
  else
    CHECK(world.stop("fake-1")->has_value());
  CHECK(world.state("fake-1") == (crashed ? "crashed" : "stopped"));
  world.loop.run_for(minutes(1));
  CHECK(world.script.runs.size() == 1);
}

TEST_CASE("A failed instance that is started at once is not started a second time by its timer") {
  World world;
  world.script.fails_after["fake-1"] = Duration::zero();
  world.start("fake-1");
  world.script.fails_after.clear();
  world.start("fake-1");
  world.loop.run_for(seconds(5));
  CHECK(world.script.runs.size() == 2);
  CHECK(world.status("fake-1").restarts == 0);
}

TEST_CASE("Whatever call of a module throws, its instance is failed and starts again") {
  const std::string call = GENERATE("report", "pause", "configure");
  World world({"fake-1"});
  world.script.throws = call;
  if (call == "pause") CHECK(world.supervisor.pause("fake-1", true).error().code == Errc::unavailable);
  if (call == "configure")
    CHECK(world.supervisor.configure("fake-1", {{"speed", SettingValue(std::int64_t{3})}}).error().code ==
          Errc::unavailable);
  CHECK(world.state("fake-1") == "failed");
  CHECK(world.status("fake-1").error == "the oven is cold");
  CHECK_FALSE(world.status("fake-1").ready);
  world.script.throws.clear();
  world.loop.run_for(seconds(1));
  CHECK(world.state("fake-1") == "running");
}

TEST_CASE("A module whose construction throws is failed, and is made again with a growing delay") {
  World world({"fake-1"});
  world.crash("fake-1");
  world.script.throws = "make";
  const auto started = world.supervisor.start("fake-1");
  REQUIRE(started.has_error());
  CHECK(started.error().message == "fake-1 failed: the oven is cold");
  world.loop.run_for(milliseconds(2'999));
  CHECK(world.status("fake-1").restarts == 1);
  CHECK(world.state("fake-1") == "failed");
  world.script.throws.clear();
  world.loop.run_for(milliseconds(1));
  CHECK(world.state("fake-1") == "running");
}

TEST_CASE("What a module throws need not be an exception of the standard library") {
  World world({"fake-1"});
  world.script.throws = "report a number";
  CHECK(world.status("fake-1").error == "an exception that is no std::exception");
}

TEST_CASE("An instance that fails while it stops is stopped, and stays so; its failure is shown") {
  const bool throws_at_once = GENERATE(true, false);
  World world({"fake-1"});
  if (throws_at_once) world.script.throws = "stop";
  world.script.fails_stopping = true;
  CHECK(world.stop("fake-1")->has_value());
  CHECK(world.state("fake-1") == "stopped");
  CHECK(world.status("fake-1").error == "the oven is cold");
  world.loop.run_for(minutes(1));
  CHECK(world.state("fake-1") == "stopped");
}

// -------------------------------------------------------------------------------------------------- crashes

TEST_CASE("A crash of one leaves the others alone, and runs none of its code") {
  World world({"fake-1", "fake-2"});
  const std::size_t lines = world.script.lines.size();
  world.crash("fake-1");
  CHECK(world.script.lines.size() == lines);
  CHECK(world.state("fake-1") == "crashed");
  CHECK(world.state("fake-2") == "running");
  CHECK(world.ask()->response->body == "fake-2");
  world.loop.run_for(minutes(1));
  CHECK(world.state("fake-1") == "crashed");
}

TEST_CASE("A crashed member's session runs out before another takes over, a stopped one leaves at once") {
  World world({"member-1", "member-2"});
  REQUIRE(world.members() == Ids{"member-1", "member-2"});
  world.crash("member-1");
  world.loop.run_for(seconds(6));
  CHECK(world.members() == Ids{"member-1", "member-2"});
  world.loop.run_for(seconds(4));
  CHECK(world.members() == Ids{"member-2"});
  CHECK(world.stop("member-2")->has_value());
  CHECK(world.members().empty());
}

TEST_CASE("A crashed instance that is started again works as a new one") {
  World world({"fake-1"});
  world.crash("fake-1");
  world.start("fake-1");
  CHECK(world.state("fake-1") == "running");
  CHECK(world.script.count("fake-1 made with speed 1") == 2);
  CHECK(world.ask()->response->body == "fake-1");
}

TEST_CASE("A crash while it stops ends the stop") {
  World world({"fake-1"});
  world.script.holds_stop = true;
  const auto stopped = world.stop("fake-1");
  REQUIRE_FALSE(stopped->has_value());
  world.crash("fake-1");
  CHECK(stopped->has_value());
  CHECK(world.state("fake-1") == "crashed");
}

// ------------------------------------------------------------------------------------------------ the others

TEST_CASE("Paused, an instance goes on serving requests, and resumes") {
  World world({"fake-1"});
  world.supervisor.pause("fake-1", true).value();
  world.supervisor.pause("fake-1", true).value();
  CHECK(world.state("fake-1") == "paused");
  CHECK(world.script.count("fake-1 pause") == 1);
  CHECK(world.ask()->response->status == 200);
  world.supervisor.pause("fake-1", false).value();
  CHECK(world.state("fake-1") == "running");
  CHECK(world.script.count("fake-1 resume") == 1);
}

TEST_CASE("A paused instance can be stopped, and starts unpaused") {
  World world({"fake-1"});
  world.supervisor.pause("fake-1", true).value();
  CHECK(world.stop("fake-1")->has_value());
  CHECK(world.state("fake-1") == "stopped");
  world.start("fake-1");
  CHECK(world.state("fake-1") == "running");
}

TEST_CASE("Only a running instance can be paused or replayed") {
  World world({"fake-1"});
  world.crash("fake-1");
  const auto paused = world.supervisor.pause("fake-1", true);
  REQUIRE(paused.has_error());
  CHECK(paused.error().code == Errc::invalid_argument);
  CHECK(paused.error().message.find("fake-1 is crashed") != std::string::npos);
  const auto replayed = world.loop.run(world.supervisor.replay("fake-1"));
  CHECK(replayed.value().error().code == Errc::invalid_argument);
}

TEST_CASE("A wrong setting is refused by its name and what is allowed, and then nothing changes") {
  World world({"fake-1"});
  const auto wrong = world.supervisor.configure(
      "fake-1", {{"mood", SettingValue(std::string("wild"))}, {"speed", SettingValue(std::int64_t{11})}});
  REQUIRE(wrong.has_error());
  CHECK(wrong.error().code == Errc::invalid_argument);
  CHECK(wrong.error().message == "speed must be an integer from 1 to 10");
  CHECK(world.status("fake-1").settings.text("mood") == "calm");
  const auto unknown = world.supervisor.configure("fake-1", {{"sped", SettingValue(std::int64_t{2})}});
  REQUIRE(unknown.has_error());
  CHECK(unknown.error().message.find("sped") != std::string::npos);
  CHECK(unknown.error().message.find("mood, speed") == std::string::npos);  // as declared: speed, mood
  CHECK(unknown.error().message.find("speed, mood") != std::string::npos);
}

TEST_CASE("A setting reaches a running module at once, and the next life of a stopped one") {
  World world({"fake-1"});
  world.supervisor.configure("fake-1", {{"speed", SettingValue(std::int64_t{3})}}).value();
  CHECK(world.script.count("fake-1 speed 3") == 1);
  world.stop("fake-1");
  world.supervisor.configure("fake-1", {{"speed", SettingValue(std::int64_t{4})}}).value();
  CHECK(world.script.count("fake-1 speed 4") == 0);
  world.start("fake-1");
  CHECK(world.script.count("fake-1 made with speed 4") == 1);
}

TEST_CASE("A setting that comes before the first start reaches the module") {
  World world;
  world.supervisor.add("fake", "fake-1", Settings(world.supervisor.find_kind("fake")->settings)).value();
  world.supervisor.configure("fake-1", {{"speed", SettingValue(std::int64_t{5})}}).value();
  world.start("fake-1");
  CHECK(world.script.lines.back() == "fake-1 made with speed 5");
}

TEST_CASE("A replay gives its summary; a crash, or the end of the instance, ends it with an error") {
  World world({"fake-1"});
  const auto summary = world.loop.run(world.supervisor.replay("fake-1"));
  CHECK(summary.value().value().at("replayed").as_string() == "fake-1");

  world.script.holds_calls = true;
  std::optional<Result<json::object>> ended;
  asio::co_spawn(world.loop.context, world.supervisor.replay("fake-1"),
                 [&](std::exception_ptr, Result<json::object> result) { ended = std::move(result); });
  world.loop.run_ready();
  REQUIRE_FALSE(ended.has_value());
  if (GENERATE(true, false))
    world.crash("fake-1");
  else
    CHECK(world.stop("fake-1")->has_value());  // it does not wait for a replay
  REQUIRE(ended.has_value());
  CHECK(ended->error().code == Errc::closed);
}

TEST_CASE("A process takes 64 instances and refuses the next") {
  World world;
  for (int number = 1; number <= 64; ++number)
    world.supervisor.add("member", fmt::format("member-{}", number), Settings()).value();
  const auto refused = world.supervisor.add("member", "member-65", Settings());
  REQUIRE(refused.has_error());
  CHECK(refused.error().code == Errc::queue_full);
  CHECK(refused.error().message.find("64") != std::string::npos);
  CHECK_FALSE(world.supervisor.has("member-65"));
}

TEST_CASE("Unknown kinds, taken ids and unknown instances are refused") {
  World world({"fake-1"});
  CHECK(world.supervisor.add("nonsense", "nonsense-1", Settings()).error().code == Errc::not_found);
  CHECK(world.supervisor.add("fake", "fake-1", Settings()).error().code == Errc::invalid_argument);
  CHECK(world.supervisor.start("fake-2").error().code == Errc::not_found);
  CHECK(world.supervisor.crash("fake-2").error().code == Errc::not_found);
  CHECK(world.supervisor.pause("fake-2", true).error().code == Errc::not_found);
  CHECK(world.supervisor.configure("fake-2", {}).error().code == Errc::not_found);
  CHECK((*world.stop("fake-2"))->error().code == Errc::not_found);
  CHECK(world.loop.run(world.supervisor.replay("fake-2"))->error().code == Errc::not_found);
}
