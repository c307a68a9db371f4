#include "base/fault_domain.hpp"
#include "runtime/supervisor.hpp"
#include "slow_bus.hpp"
#include "supervisor_world.hpp"

#include <boost/asio/detached.hpp>

using namespace foodorder;
using foodorder::test::Ids;
using World = foodorder::test::SupervisorWorld;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

std::string problem_type(const http::Response& response) {
  const json::value body = json::parse(response.body);
  const std::string type(body.at("type").as_string());
  return type.substr(type.find_last_of("/:") + 1);
}

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "";
}

}  // namespace

// ---------------------------------------------------------------------------------------------------- stops

TEST_CASE("A stop waits for the requests at hand, and takes no new ones") {
  World world({"fake-1"});
  world.script.holds_calls = true;
  const auto first = world.ask();
  const auto second = world.ask();
  const auto stopped = world.stop("fake-1");
  CHECK(world.state("fake-1") == "stopping");
  CHECK(world.ask()->response->status == 503);
  world.script.held.front().complete(Wake{});
  world.loop.run_ready();
  CHECK(first->response->status == 200);
  CHECK(world.script.count("fake-1 stop") == 0);
  world.script.let_go();
  world.loop.run_ready();
  CHECK(second->response->status == 200);
  CHECK(world.script.count("fake-1 stop") == 1);
  CHECK(stopped->has_value());
  CHECK(world.state("fake-1") == "stopped");
}

TEST_CASE("A stop waits for requests 3.5 s at most; what it gives up has an unknown outcome") {
  World world({"fake-1"});
  world.script.holds_calls = true;
  const auto call = world.ask();
  const auto stopped = world.stop("fake-1");
  world.loop.run_for(milliseconds(3'499));
  CHECK(world.script.count("fake-1 stop") == 0);
  world.loop.run_for(milliseconds(1));
  CHECK(world.script.count("fake-1 stop") == 1);
  CHECK(stopped->has_value());
  CHECK(call->response->status == 503);
  CHECK(problem_type(*call->response) == "outcome-unknown");
}

TEST_CASE("A stop waits until run() has returned, and so do all who asked for it") {
  World world({"fake-1"});
  world.script.holds_stop = true;
  const auto first = world.stop("fake-1");
  const auto second = world.stop("fake-1");
  world.loop.run_for(minutes(1));
  CHECK_FALSE(first->has_value());
  CHECK(world.state("fake-1") == "stopping");
  world.script.let_go();
  world.loop.run_ready();
  CHECK(first->has_value());
  CHECK(second->has_value());
  CHECK(world.script.count("fake-1 stop") == 1);
  CHECK(world.script.count("fake-1 left") == 1);
  CHECK(world.state("fake-1") == "stopped");
}

TEST_CASE("A stop ends with the life that it was meant for: it does not wait for the next one") {
  World world({"fake-1"});
  world.script.holds_calls = true;
  world.ask();
  const auto stopped = world.stop("fake-1");
  REQUIRE(world.state("fake-1") == "stopping");
  world.supervisor.crash("fake-1").value();
  world.supervisor.start("fake-1").value();
  world.loop.run_ready();
  CHECK(stopped->has_value());
  CHECK(world.state("fake-1") == "running");
  CHECK(world.script.count("fake-1 stop") == 0);
}

TEST_CASE("A stop waits until the instance has left its group, however long the bus takes over it") {
  test::Stage stage;
  test::Delays delays;
  delays.leaving = seconds(1);
  stage.bus = test::make_slow_bus(std::move(stage.bus), stage.loop.clock, delays);
  Supervisor supervisor(stage.loop.context.get_executor(), stage.parts(), test::Stage::kinds());
  supervisor.add("member", "member-1", Settings()).value();
  supervisor.start("member-1").value();
  stage.loop.run_ready();
  bool stopped = false;
  asio::co_spawn(stage.loop.context, supervisor.stop("member-1"),
                 [&](std::exception_ptr, Result<void>) { stopped = true; });
  stage.loop.run_for(milliseconds(999));
  CHECK_FALSE(stopped);
  stage.loop.run_for(milliseconds(1));
  CHECK(stopped);
}

TEST_CASE("A start is refused while the instance stops") {
  World world({"fake-1"});
  world.script.holds_stop = true;
  world.stop("fake-1");
  const auto started = world.supervisor.start("fake-1");
  REQUIRE(started.has_error());
  CHECK(started.error().code == Errc::invalid_argument);
  CHECK(started.error().message.find("stopping") != std::string::npos);
}

TEST_CASE("All instances stop at the same time") {
  World world({"fake-1", "fake-2"});
  world.script.holds_stop = true;
  bool done = false;
  asio::co_spawn(world.loop.context, world.supervisor.stop_all(), [&](std::exception_ptr) { done = true; });
  world.loop.run_ready();
  CHECK(world.state("fake-1") == "stopping");
  CHECK(world.state("fake-2") == "stopping");
  CHECK_FALSE(done);
  world.script.let_go();
  world.loop.run_ready();
  CHECK(done);
}

// ------------------------------------------------------------------------------------------------- requests

TEST_CASE("A request to an instance that does not run gets 503 with Retry-After") {
  World world({"fake-1"});
  world.stop("fake-1");
  const auto stopped = world.ask();
  CHECK(stopped->response->status == 503);
  CHECK(header(*stopped->response, "Retry-After") == "1");
  CHECK(problem_type(*stopped->response) == "module-not-running");
  CHECK(stopped->response->body.find("fake-1 is stopped") != std::string::npos);
}

TEST_CASE("A kind without an instance has its routes: 503 until one is added and runs") {
  World world;
  const auto none = world.ask();
  CHECK(none->response->status == 503);
  CHECK(header(*none->response, "Retry-After") == "1");
  CHECK(problem_type(*none->response) == "module-not-running");
  world.start("fake-1");
  CHECK(world.ask()->response->body == "fake-1");
}

TEST_CASE("A request under which the instance crashes, or fails, gets 503 with an unknown outcome") {
  World world;
  const bool fails = GENERATE(true, false);
  if (fails) world.script.fails_after["fake-1"] = seconds(1);
  world.start("fake-1");
  world.script.holds_calls = true;
  const auto call = world.ask();
  REQUIRE_FALSE(call->response.has_value());
  if (fails)
    world.loop.run_for(seconds(1));
  else
    world.crash("fake-1");
  REQUIRE(call->response.has_value());
  CHECK(call->response->status == 503);
  CHECK(header(*call->response, "Retry-After") == "1");
  CHECK(problem_type(*call->response) == "outcome-unknown");
  world.script.let_go();
  world.loop.run_ready();
  CHECK(world.script.count("fake-1 answers") == 0);
}

TEST_CASE("A request goes to another instance of its kind while the first does not serve") {
  World world({"fake-1", "fake-2"});
  CHECK(world.ask()->response->body == "fake-1");
  world.stop("fake-1");
  CHECK(world.ask()->response->body == "fake-2");
}

TEST_CASE("A handler that throws gives 500 without its words, and the instance goes on") {
  World world({"fake-1"});
  const auto call = world.ask("throw");
  CHECK(call->response->status == 500);
  CHECK(call->response->body.find("pan") == std::string::npos);
  CHECK(world.state("fake-1") == "running");
  CHECK(world.ask()->response->status == 200);
}

TEST_CASE("A request lives until its handler has ended, also where the server cuts off its connection before") {
  World world({"fake-1"});
  world.script.holds_calls = true;
  const std::vector<http::Route> routes = world.supervisor.routes();
  FaultDomain server(world.loop.context.get_executor(), "http");
  auto request = std::make_shared<http::Request>();
  request->owner = request;
  const std::weak_ptr<http::Request> living = request;
  asio::co_spawn(server.get_executor(), routes.front().handler(*request), asio::detached);
  world.loop.run_ready();
  server.crash();
  request.reset();
  world.loop.run_ready();
  CHECK_FALSE(living.expired());
  world.script.let_go();
  world.loop.run_ready();
  CHECK(world.script.count("fake-1 answers") == 1);
  CHECK(living.expired());
}
