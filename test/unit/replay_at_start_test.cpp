#include "app/replay_at_start.hpp"
#include "fake_modules.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using foodorder::test::Stage;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Lines = std::vector<std::string>;

namespace {

struct World : Stage {
  World() {
    supervisor.add("fake", "fake-1", Settings(supervisor.find_kind("fake")->settings)).value();
    supervisor.start("fake-1").value();
    script.holds_calls = true;
    asio::co_spawn(loop.context,
                   app::replay_at_start(supervisor, *bus, loop.clock, "fake-1",
                                        [this](const std::string& line) { printed.push_back(line); }),
                   [this](std::exception_ptr, bool done) {
                     ended = true;
                     replayed = done;
                   });
    loop.run_ready();
  }

  /// The line after those of the beginning.
  std::string last_word(const std::string& summary) {
    script.replay_summary = json::parse(summary).as_object();
    script.let_go();
    loop.run_ready();
    CHECK(ended);
    CHECK(replayed);
    return printed.back();
  }

  Lines printed;
  bool ended = false;
  bool replayed = false;
  Supervisor supervisor{loop.context.get_executor(), parts(), kinds()};
};

}  // namespace

TEST_CASE("A replay at the start tells its beginning, then how far it is, each second while that changes") {
  World world;
  const std::string beginning = "replay     fake-1: reads orders from the beginning and writes nothing";
  world.script.report = json::parse(R"({"replay":{"state":"reading","done":0,"total":0}})").as_object();
  world.loop.run_for(seconds(2));
  CHECK(world.printed == Lines{beginning});  // how much there is is not known yet
  world.script.report = json::parse(R"({"replay":{"state":"reading","done":100,"total":300}})").as_object();
  world.loop.run_for(seconds(3));
  world.script.report = json::parse(R"({"replay":{"state":"reading","done":200,"total":300}})").as_object();
  world.loop.run_for(seconds(1));
  CHECK(world.printed == Lines{beginning, "replay     fake-1: 100 of 300 records of orders read",
                               "replay     fake-1: 200 of 300 records of orders read"});
  CHECK_FALSE(world.ended);
}

TEST_CASE("The summary of a replay at the start is told in words, once") {
  World world;
  CHECK(world.last_word(R"({"orders":40,"alerts":4,"late":1,"differenceCount":0})") ==
        "replay     fake-1: 40 orders judged again, 4 with alerts, 1 late; the same as the first time");
  world.script.report = json::parse(R"({"replay":{"state":"done","done":40,"total":40}})").as_object();
  const std::size_t lines = world.printed.size();
  world.loop.run_for(seconds(5));
  CHECK(world.printed.size() == lines);
}

TEST_CASE("A replay at the start that finds differences says how many, and lists those that the summary has") {
  World world;
  const std::string last = world.last_word(R"({"orders":40,"alerts":4,"late":0,"differenceCount":5,"differences":[
      {"orderId":"a","replayed":["VELOCITY","AMOUNT"],"recorded":["AMOUNT"]},
      {"orderId":"b","replayed":[],"recorded":["BURST"]},
      {"orderId":"c","replayed":["BURST"],"recorded":null}]})");
  CHECK(last == "replay     fake-1: and 2 more");
  const Lines told(world.printed.begin() + 1, world.printed.end() - 1);
  CHECK(told == Lines{"replay     fake-1: 40 orders judged again, 4 with alerts, 0 late; 5 differ from the first time",
                      "replay     fake-1: order a: VELOCITY, AMOUNT, the first time AMOUNT",
                      "replay     fake-1: order b: no alert, the first time BURST",
                      "replay     fake-1: order c: BURST, the first time no verdict"});
}

TEST_CASE("A replay at the start of an empty log says that there was nothing, and why on a memory bus") {
  World world;
  CHECK(world.last_word(R"({"orders":0,"alerts":0,"late":0,"differenceCount":0})") ==
        "replay     fake-1: orders held nothing to judge, so 0 orders were replayed (a memory bus begins empty at each "
        "start)");
}

TEST_CASE("A replay at the start that its instance does not survive says so") {
  World world;
  world.supervisor.crash("fake-1").value();
  world.loop.run_ready();
  CHECK(world.ended);
  CHECK_FALSE(world.replayed);
  CHECK(world.printed.back() == "replay     fake-1: failed: fake-1 ended before the replay was done");
}
