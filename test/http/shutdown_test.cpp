#include "running_server.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

std::vector<http::Route> held_routes(Gate& gate, const std::shared_ptr<StreamControl>& control) {
  std::vector<http::Route> routes = example_routes();
  routes.emplace_back(http::Method::get, "/held", [&gate](http::Request&) -> Task<http::Response> {
    co_await gate.pass();
    co_return http::json_response("{}");
  });
  routes.emplace_back(http::Method::get, "/events", [control](http::Request&) -> Task<http::Response> {
    http::Response response(200, "text/event-stream", "");
    response.stream = make_test_stream(control);
    co_return response;
  });
  return routes;
}

const std::string held = "GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("Draining closes what is idle, ends streams and lets requests in flight finish") {
  Gate gate;
  const auto control = std::make_shared<StreamControl>();
  RunningServer server(held_routes(gate, control));
  HttpClient idle = server.client();
  REQUIRE(idle.request("GET", "/hello"));
  HttpClient stream = server.client();
  REQUIRE(stream.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  REQUIRE(stream.read_head());
  HttpClient half = server.client();
  REQUIRE(half.send("GET /hello HTTP/1.1\r\n"));
  REQUIRE(eventually([&] { return server.stats().connections_open == 3; }));
  HttpClient busy = server.client();
  REQUIRE(busy.send(held));
  REQUIRE(eventually([&] { return gate.arrived == 1; }));
  server.drain(seconds(60));
  server.drain(seconds(60));
  CHECK(idle.read_to_end() == "");
  CHECK(stream.read_to_end() == "0\r\n\r\n");
  CHECK_THROWS(server.client());
  CHECK(!server.served());
  REQUIRE(half.send("Host: localhost\r\n\r\n"));
  const auto last = half.read();
  REQUIRE(last);
  CHECK(last->header("Connection") == "close");
  server.on_loop([&] { gate.release(); });
  const auto answer = busy.read();
  REQUIRE(answer);
  CHECK(answer->status == 200);
  CHECK(answer->header("Connection") == "close");
  CHECK(eventually([&] { return server.served(); }));
}

TEST_CASE("What has not ended within the limit of a drain is cut off, a handler that hangs included") {
  Gate gate;
  RunningServer server(held_routes(gate, std::make_shared<StreamControl>()));
  HttpClient busy = server.client();
  REQUIRE(busy.send(held));
  HttpClient half = server.client();
  REQUIRE(half.send("GET /hello HTTP/1.1\r\n"));
  REQUIRE(eventually([&] { return gate.arrived == 1 && server.stats().connections_open == 2; }));
  server.drain(milliseconds(50));
  CHECK(busy.read_to_end() == "");
  CHECK(half.read_to_end() == "");
  CHECK(eventually([&] { return server.served(); }));
  bool pending = true;
  server.on_loop([&] { pending = gate.waiting.front().pending(); });
  CHECK(!pending);
}

TEST_CASE("A request that a handler holds on to outlives the connection that was cut off") {
  Gate gate;
  std::shared_ptr<const void> owner;
  const http::Request* kept = nullptr;
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::put, "/held", [&](http::Request& request) -> Task<http::Response> {
    owner = request.owner.lock();
    kept = &request;
    co_await gate.pass();
    co_return http::json_response("{}");
  });
  RunningServer server(std::move(routes));
  HttpClient busy = server.client();
  REQUIRE(busy.send("PUT /held HTTP/1.1\r\nHost: localhost\r\nIf-Match: \"7\"\r\nContent-Length: 4\r\n\r\nfood"));
  REQUIRE(eventually([&] { return gate.arrived == 1; }));
  server.drain(milliseconds(50));
  CHECK(busy.read_to_end() == "");
  REQUIRE(eventually([&] { return server.served(); }));
  server.on_loop([&] {
    REQUIRE(owner);
    CHECK(kept->body == "food");
    CHECK(kept->header("If-Match") == "\"7\"");
    owner.reset();
  });
}

TEST_CASE("After serve() the loop has nothing of the server left and ends by itself") {
  asio::io_context loop;
  const VirtualClock clock;
  const auto server = http::make_server(loop.get_executor(), clock, http::ServerSpec(), example_routes());
  asio::co_spawn(loop, server->serve(), [](const std::exception_ptr&) {});
  HttpClient client(server->port());
  REQUIRE(client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  while (server->stats().requests_total == 0) loop.run_one();
  server->drain(seconds(60));
  loop.run();  // would wait for a forgotten timer or socket
  CHECK(server->stats().connections_open == 0);
  CHECK(client.read()->status == 200);
}

TEST_CASE("A server can be drained before it serves") {
  asio::io_context loop;
  const VirtualClock clock;
  const auto server = http::make_server(loop.get_executor(), clock, http::ServerSpec(), example_routes());
  server->drain(seconds(1));
  bool ended = false;
  asio::co_spawn(loop, server->serve(), [&](const std::exception_ptr&) { ended = true; });
  loop.run();
  CHECK(ended);
}

TEST_CASE("Server and loop can be destroyed with connections in every state") {
  Gate gate;
  const auto control = std::make_shared<StreamControl>();
  RunningServer server(held_routes(gate, control));
  HttpClient idle = server.client();
  REQUIRE(idle.request("GET", "/hello"));
  HttpClient half = server.client();
  REQUIRE(half.send("GET /hello HTTP/1.1\r\n"));
  HttpClient stream = server.client();
  REQUIRE(stream.send("GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  REQUIRE(stream.read_head());
  HttpClient busy = server.client();
  REQUIRE(busy.send(held));
  REQUIRE(eventually([&] { return gate.arrived == 1 && server.stats().connections_open == 4; }));
  server.destroy();
  CHECK(control->destroyed);
  CHECK(!gate.waiting.front().pending());
  CHECK(idle.read_to_end() == "");
}

TEST_CASE("A port that is taken and a name that is unknown give one clear line") {
  asio::io_context loop;
  const VirtualClock clock;
  http::ServerSpec spec;
  const auto first = http::make_server(loop.get_executor(), clock, spec, {});
  spec.port = first->port();
  std::string message;
  try {
    http::make_server(loop.get_executor(), clock, spec, {});
  } catch (const std::runtime_error& failure) {
    message = failure.what();
  }
  CHECK(message.find("port " + std::to_string(spec.port) + " of 127.0.0.1 is in use: ") == 0);
  CHECK(message.find('\n') == std::string::npos);
  spec.host = "no such host";
  CHECK_THROWS_AS(http::make_server(loop.get_executor(), clock, spec, {}), std::runtime_error);
}

TEST_CASE("Routes that repeat or are malformed are refused") {
  asio::io_context loop;
  const VirtualClock clock;
  for (const char* pattern : {"/a", "a", "/{", "/{}"}) {
    std::vector<http::Route> routes;
    routes.emplace_back(http::Method::get, "/a", http::Handler());
    routes.emplace_back(http::Method::get, pattern, http::Handler());
    CHECK_THROWS_AS(http::make_server(loop.get_executor(), clock, http::ServerSpec(), std::move(routes)),
                    std::invalid_argument);
  }
}
