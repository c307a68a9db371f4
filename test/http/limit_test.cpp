#include "running_server.hpp"
#include "support/catch.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::milliseconds;

namespace {

http::ServerSpec with_limits(const std::function<void(http::ServerLimits&)>& change) {
  http::ServerSpec spec;
  change(spec.limits);
  return spec;
}

}  // namespace

TEST_CASE("A header that is too large is a 431: in one field, in many, and when it trickles in") {
  RunningServer server(example_routes());
  const std::string start = "GET /hello HTTP/1.1\r\nHost: localhost\r\n";
  HttpClient one = server.client();
  one.send(start + "X: " + std::string(20'000, 'x') + "\r\n\r\n");
  CHECK(one.read()->status == 431);
  HttpClient endless = server.client();
  endless.send(start);
  for (int i = 0; i < 30; ++i) endless.send("X" + std::to_string(i) + ": " + std::string(1000, 'x') + "\r\n");
  CHECK(endless.read()->status == 431);
  HttpClient many = server.client();
  std::string fields;
  for (int i = 0; i < 101; ++i) fields += "X: y\r\n";
  many.send(start + fields + "\r\n");
  CHECK(many.read()->status == 431);
  HttpClient target = server.client();
  target.send("GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
  CHECK(target.read()->status == 431);
  HttpClient fits = server.client();
  fits.send(start + "X: " + std::string(15'000, 'x') + "\r\n\r\n");
  CHECK(fits.read()->status == 200);
}

TEST_CASE("A body that is too large is a 413 that the client can read after sending all of it") {
  RunningServer server(example_routes());
  HttpClient plain = server.client();
  const auto answer = plain.request("POST", "/echo", std::string(300'000, 'x'));
  REQUIRE(answer);
  CHECK(answer->status == 413);
  HttpClient chunked = server.client();
  chunked.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 70; ++i) chunked.send("400\r\n" + std::string(1024, 'x') + "\r\n");
  CHECK(chunked.read()->status == 413);
}

TEST_CASE("A client that is still sending when it is refused is not reset for a while") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n");
  CHECK(client.read()->status == 413);
  for (int i = 0; i < 100; ++i) REQUIRE(client.send(std::string(1000, 'x')));
  for (int i = 0; i < 100 && client.send(std::string(100'000, 'x')); ++i) {
  }
  CHECK(!client.send("x"));  // but not for ever
}

TEST_CASE("Tiny chunks and endless chunk extensions are a 413, whatever body they would make") {
  RunningServer server(example_routes());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string tiny = head;
  for (int i = 0; i < 40'000; ++i) tiny += "1\r\nx\r\n";
  HttpClient chunks = server.client();
  chunks.send(tiny);
  CHECK(chunks.read()->status == 413);
  HttpClient extension = server.client();
  extension.send(head + "1;" + std::string(200'000, 'e'));
  CHECK(extension.read()->status == 413);
}

TEST_CASE("A client that trickles gets a 408 when its time is over, however often it sends a byte") {
  for (const std::string head : {"GET /hello HTTP/1.1\r\nHost: localhost\r\nX: ",
                                 "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\n"}) {
    INFO(head);
    RunningServer server(example_routes(),
                         with_limits([](auto& limits) { limits.request_timeout = milliseconds(200); }));
    HttpClient client = server.client();
    bool open = client.send(head);
    for (int i = 0; i < 1000 && open && server.stats().responses_by_class[4] == 0; ++i) {
      open = client.send("x");
      std::this_thread::sleep_for(milliseconds(5));
    }
    CHECK(server.stats().responses_by_class[4] == 1);  // while it was still sending
    const auto response = client.read();
    REQUIRE(response);
    CHECK(response->status == 408);
  }
}

TEST_CASE("An idle connection is closed without a word") {
  RunningServer server(example_routes(), with_limits([](auto& limits) { limits.idle_timeout = milliseconds(50); }));
  HttpClient silent = server.client();
  CHECK(silent.read_to_end() == "");
  HttpClient once = server.client();
  REQUIRE(once.request("GET", "/hello"));
  CHECK(once.read_to_end() == "");
}

TEST_CASE("A request being handled has no deadline of the connection's") {
  Gate gate;
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::get, "/held", [&](http::Request&) -> Task<http::Response> {
    co_await gate.pass();
    co_return http::json_response("{}");
  });
  RunningServer server(std::move(routes), with_limits([](auto& limits) {
                         limits.idle_timeout = limits.request_timeout = limits.write_timeout = milliseconds(20);
                       }));
  HttpClient client = server.client();
  REQUIRE(client.send("GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  REQUIRE(eventually([&] { return gate.arrived == 1; }));
  std::this_thread::sleep_for(milliseconds(100));
  server.on_loop([&] { gate.release(); });
  const auto response = client.read();
  REQUIRE(response);
  CHECK(response->status == 200);
}

TEST_CASE("A client that does not read its response is cut off") {
  RunningServer server(example_routes(), with_limits([](auto& limits) { limits.write_timeout = milliseconds(50); }));
  HttpClient client = server.client();
  std::string requests;
  for (int i = 0; i < 100; ++i) requests += "GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n";
  REQUIRE(client.send(requests));
  REQUIRE(eventually([&] { return server.stats().requests_total > 0; }));
  CHECK(eventually([&] { return server.stats().connections_open == 0; }));
  CHECK(server.stats().requests_total < 100);
  CHECK(server.client().request("GET", "/hello")->status == 200);
}

TEST_CASE("Connections over the limit are told so, and room is used again") {
  RunningServer server(example_routes(), with_limits([](auto& limits) { limits.connections = 2; }));
  HttpClient first = server.client();
  REQUIRE(first.request("GET", "/hello"));
  {
    HttpClient second = server.client();
    REQUIRE(second.request("GET", "/hello"));
    HttpClient third = server.client();
    const auto refused = third.request("GET", "/hello");
    REQUIRE(refused);
    CHECK(refused->status == 503);
    CHECK(refused->header("Retry-After") == "1");
    CHECK(server.stats().connections_refused == 1);
    CHECK(first.request("GET", "/hello")->status == 200);
  }
  REQUIRE(eventually([&] { return server.stats().connections_open == 1; }));
  CHECK(server.client().request("GET", "/hello")->status == 200);
}

TEST_CASE("A server without file descriptors waits for some and goes on") {
  RunningServer server(example_routes());
  HttpClient waiting = server.client();  // makes the server's lazy descriptors, and is one that works throughout
  REQUIRE(waiting.request("GET", "/hello"));
  rlimit before{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
  std::vector<int> hoard;
  const rlimit small{256, before.rlim_max};
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &small) == 0);
  for (int fd = ::open("/dev/null", O_RDONLY); fd >= 0; fd = ::open("/dev/null", O_RDONLY)) hoard.push_back(fd);
  ::close(hoard.back());
  hoard.pop_back();
  HttpClient client = server.client();  // takes the last descriptor: the server has none to accept with
  REQUIRE(client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  CHECK(waiting.request("GET", "/hello")->status == 200);
  CHECK(server.stats().connections_total == 1);
  for (const int fd : hoard) ::close(fd);
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
  const auto response = client.read();
  REQUIRE(response);
  CHECK(response->status == 200);
}
