#include "app/api.hpp"
#include "fake_modules.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

using namespace foodorder;
using foodorder::test::Stage;
using std::chrono::milliseconds;

namespace {

/// The process's part of the API, asked as functions.
struct World : Stage {
  explicit World(bool bus_in_reach = true) {
    supervisor.add("fake", "fake-1", Settings(supervisor.find_kind("fake")->settings)).value();
    supervisor.start("fake-1").value();
    if (bus_in_reach) asio::co_spawn(loop.context, control.run(), asio::detached);
    app::append(routes, app::module_routes(control, supervisor));
    app::append(routes, app::system_routes({*bus, loop.clock, supervisor, control, metrics, [] { return ""; },
                                            []() -> const http::ServerStats* { return nullptr; },
                                            [] { return std::vector<std::string>{"http://10.0.0.7:3001/"}; }}));
    loop.run_for(milliseconds(1));
  }

  http::Response ask(http::Method method, std::string_view path, http::Request request = {}) {
    const auto route = std::find_if(routes.begin(), routes.end(), [&](const http::Route& candidate) {
      return candidate.method == method && candidate.pattern == path;
    });
    REQUIRE(route != routes.end());
    auto response = loop.run(route->handler(request));
    return std::move(*response);
  }

  Supervisor supervisor{loop.context.get_executor(), parts(), kinds()};
  ControlPlane control{*bus, loop.clock, *ids, supervisor, "one"};
  std::vector<http::Route> routes;
};

int added_with(World& world, std::string_view content_type) {
  http::Request request;
  request.fields.emplace_back("content-type", content_type);
  request.body = R"({"kind":"fake"})";
  return world.ask(http::Method::post, "/api/modules", std::move(request)).status;
}

}  // namespace

TEST_CASE("A process with an instance that has failed is not ready, and says which and why") {
  World world;
  REQUIRE(world.ask(http::Method::get, "/readyz").status == 200);
  world.script.throws = "report";
  const http::Response failed = world.ask(http::Method::get, "/readyz");
  CHECK(failed.status == 503);
  CHECK(json::parse(failed.body).at("reason").as_string() == "fake-1 failed: the oven is cold");
}

TEST_CASE("An instance that somebody has stopped or crashed leaves its process ready") {
  World world;
  const bool crashed = GENERATE(true, false);
  if (crashed)
    world.supervisor.crash("fake-1").value();
  else
    world.loop.run(world.supervisor.stop("fake-1")).value().value();
  const http::Response ready = world.ask(http::Method::get, "/readyz");
  CHECK(ready.status == 200);
  CHECK(json::parse(ready.body).at("modules").at(0).at("state").as_string() == (crashed ? "crashed" : "stopped"));
}

TEST_CASE("What is sent to the modules is JSON by its type, in any case and with parameters; nothing else is") {
  World world;
  CHECK(added_with(world, "Application/JSON; charset=utf-8") == 201);
  CHECK(added_with(world, "application/jsonx") == 415);
  CHECK(added_with(world, "text/plain") == 415);
}

TEST_CASE("One more instance is refused at once where the bus has not been read yet") {
  World world(false);
  http::Request request;
  request.fields.emplace_back("content-type", "application/json");
  request.body = R"({"kind":"fake"})";
  const http::Response refused = world.ask(http::Method::post, "/api/modules", std::move(request));
  CHECK(refused.status == 503);
  CHECK(std::count(refused.headers.begin(), refused.headers.end(),
                   std::pair<std::string, std::string>("Retry-After", "1")) == 1);
}

TEST_CASE("However many settings are unknown, the answer is bounded and says how many") {
  World world;
  std::string settings = "{\"settings\":{\"" + std::string(5000, 'n') + "\":1";
  for (int i = 0; i < 5000; ++i) settings += ",\"s" + std::to_string(i) + "\":1";
  http::Request request;
  request.fields.emplace_back("content-type", "application/json");
  const std::string body = settings + "}}";
  request.body = body;
  request.path_parameters.emplace_back("instance", "fake-1");
  const http::Response refused = world.ask(http::Method::patch, "/api/modules/{instance}", std::move(request));
  CHECK(refused.status == 422);
  CHECK(refused.body.size() < 20'000);
  const json::array errors = json::parse(refused.body).at("errors").as_array();
  CHECK(errors.back().at("message").as_string() == "4971 more");
  CHECK(errors.front().at("field").as_string().size() < 130);
}

TEST_CASE("Every route of the process that changes something needs the token, and only probes take any Host") {
  World world;
  for (const http::Route& route : world.routes) {
    INFO(route.pattern);
    const bool probe = route.pattern == "/livez" || route.pattern == "/readyz" || route.pattern == "/metrics";
    const bool reads = route.method == http::Method::get && route.pattern != "/api/access";  // which is about the token
    CHECK(route.access == (probe ? http::Access::probe : reads ? http::Access::open : http::Access::control));
  }
}

TEST_CASE("CPU seconds are a counter that only grows") {
  World world;
  const auto seconds_in = [](const std::string& text) {
    const std::string name = "\nprocess_cpu_seconds_total ";
    const std::size_t at = text.find(name);
    REQUIRE(at != std::string::npos);
    return std::stod(text.substr(at + name.size()));
  };
  const std::string first = world.ask(http::Method::get, "/metrics").body;
  CHECK(first.find("# TYPE process_cpu_seconds_total counter\n") != std::string::npos);
  CHECK(seconds_in(first) > 0);
  CHECK(seconds_in(world.ask(http::Method::get, "/metrics").body) >= seconds_in(first));
}

TEST_CASE("Who may control is told where other machines find the dashboard") {
  World world;
  const http::Response answer = world.ask(http::Method::get, "/api/access");
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"control":true,"links":["http://10.0.0.7:3001/"]})");
}
