#include "running_server.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;

namespace {

std::vector<http::Route> stream_routes(const std::shared_ptr<StreamControl>& control) {
  std::vector<http::Route> routes = example_routes();
  routes.emplace_back(http::Method::get, "/events", [control](http::Request&) -> Task<http::Response> {
    http::Response response(200, "text/event-stream", "");
    response.stream = make_test_stream(control);
    co_return response;
  });
  return routes;
}

constexpr const char* get_events = "GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("A stream is sent as chunks, what is ready at once as one, and ends with its last") {
  const auto control = std::make_shared<StreamControl>();
  control->push("data: 1\n\n");
  control->push("");
  control->push("data: 2\n\n");
  RunningServer server(stream_routes(control));
  HttpClient client = server.client();
  REQUIRE(client.send(get_events));
  const auto head = client.read_head();
  REQUIRE(head);
  CHECK(head->header("Transfer-Encoding") == "chunked");
  CHECK(head->header("Content-Length").empty());
  CHECK(head->header("Cache-Control") == "no-store");
  CHECK(client.read_until("\n\n\r\n") == "12\r\ndata: 1\n\ndata: 2\n\n\r\n");
  server.on_loop([&] { control->push(""); });  // nothing to send: not the end
  REQUIRE(eventually([&] { return control->nexts == 3; }));
  server.on_loop([&] { control->push("x"); });
  CHECK(client.read_until("x\r\n") == "1\r\nx\r\n");
  server.on_loop([&] { control->end(); });
  CHECK(client.read_to_end() == "0\r\n\r\n");
  CHECK(control->destroyed);
}

TEST_CASE("For HTTP/1.0 a stream is plain and ends with the connection") {
  const auto control = std::make_shared<StreamControl>();
  control->push("data: 1\n\n");
  RunningServer server(stream_routes(control));
  HttpClient client = server.client();
  REQUIRE(client.send("GET /events HTTP/1.0\r\nHost: localhost\r\n\r\n"));
  const auto head = client.read_head();
  REQUIRE(head);
  CHECK(head->header("Transfer-Encoding").empty());
  CHECK(head->header("Connection") == "close");
  CHECK(head->header("X-Accel-Buffering") == "no");  // nginx, which asks by HTTP/1.0, would hold it back
  CHECK(client.read_until("\n\n") == "data: 1\n\n");
  server.on_loop([&] { control->push("data: 2\n\n"); });
  CHECK(client.read_until("\n\n") == "data: 2\n\n");
  server.on_loop([&] { control->end(); });
  CHECK(client.read_to_end() == "");
}

TEST_CASE("A client that goes, or speaks out of turn, closes its stream") {
  for (const bool speaks : {false, true}) {
    const auto control = std::make_shared<StreamControl>();
    RunningServer server(stream_routes(control));
    std::optional<HttpClient> client = server.client();
    REQUIRE(client->send(get_events));
    REQUIRE(client->read_head());
    CHECK(!control->closed);
    if (speaks) {
      REQUIRE(client->send("x"));
    } else {
      client.reset();
    }
    CHECK(eventually([&] { return control->closed && control->destroyed; }));
    CHECK(eventually([&] { return server.stats().connections_open == 0; }));
  }
}

TEST_CASE("A client that does not read its stream is cut off, and others are not disturbed") {
  http::ServerSpec spec;
  spec.limits.write_timeout = std::chrono::milliseconds(50);
  const auto control = std::make_shared<StreamControl>();
  for (int i = 0; i < 200; ++i) control->push(std::string(100'000, 'x'));
  RunningServer server(stream_routes(control), spec);
  HttpClient client = server.client();
  REQUIRE(client.send(get_events));
  REQUIRE(eventually([&] { return control->nexts > 0; }));
  CHECK(server.client().request("GET", "/hello")->status == 200);
  CHECK(eventually([&] { return control->closed && control->destroyed; }));
}

TEST_CASE("A stream that is read slowly arrives whole") {
  const auto control = std::make_shared<StreamControl>();
  std::string all;
  for (int i = 0; i < 100; ++i) {
    control->push(std::string(100'000, static_cast<char>('a' + i % 26)));
    all += *control->ready.back();
  }
  control->ended = true;
  RunningServer server(stream_routes(control));
  HttpClient client = server.client();
  REQUIRE(client.send(get_events));
  std::this_thread::sleep_for(std::chrono::milliseconds(50));  // lets the socket fill
  server.on_loop([&] { control->end(); });
  const auto response = client.read();
  REQUIRE(response);
  CHECK(response->body == all);
}

TEST_CASE("Streams leave a quarter of the connections to short requests, and their room is used again") {
  http::ServerSpec spec;
  spec.limits.connections = 4;
  const auto control = std::make_shared<StreamControl>();
  RunningServer server(stream_routes(control), spec);
  std::vector<HttpClient> streams;
  for (int i = 0; i < 3; ++i) {
    streams.push_back(server.client());
    REQUIRE(streams.back().send(get_events));
    CHECK(streams.back().read_head()->status == 200);
  }
  {
    HttpClient fourth = server.client();
    const auto refused = fourth.request("GET", "/events");
    REQUIRE(refused);
    CHECK(refused->status == 503);
    CHECK(refused->header("Retry-After") == "5");
    CHECK(fourth.request("HEAD", "/events")->status == 200);
    CHECK(fourth.request("GET", "/hello")->status == 200);
    streams.pop_back();
    REQUIRE(eventually([&] { return server.stats().streams_open == 2; }));
    REQUIRE(fourth.send(get_events));
    CHECK(fourth.read_head()->status == 200);
  }
  CHECK(eventually([&] { return server.stats().streams_open == 2; }));
}

TEST_CASE("HEAD of a stream is its head only") {
  const auto control = std::make_shared<StreamControl>();
  RunningServer server(stream_routes(control));
  HttpClient client = server.client();
  CHECK(client.request("HEAD", "/events")->status == 200);
  CHECK(client.request("GET", "/hello")->status == 200);
  CHECK(control->nexts == 0);
}
