#include "running_server.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;

namespace {

constexpr std::size_t large = 1 << 20;

Task<http::Response> tell_size(http::Request& request) {
  co_return http::json_response(std::to_string(request.body.size()) + " " +
                                std::string(request.path_parameter("name")));
}

/// Besides the example routes one that takes a MiB, from whom has the token.
std::vector<http::Route> routes_with_large() {
  std::vector<http::Route> routes = example_routes();
  routes.emplace_back(http::Method::post, "/large/{name}", tell_size, http::Access::control);
  routes.back().body_max_bytes = large;
  return routes;
}

http::ServerSpec with_budget(std::size_t bytes) {
  http::ServerSpec spec;
  spec.limits.large_bodies_bytes = bytes;
  return spec;
}

int status_of(const std::optional<HttpResponse>& answer) { return answer ? answer->status : 0; }

std::string head(std::size_t length, std::string_view more = "") {
  return "POST /large/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(length) + "\r\n" +
         std::string(more) + "\r\n";
}

/// Sends a head, and waits until the server has taken it.
bool is_let_in(HttpClient& client) {
  if (!client.send(head(large, "Expect: 100-continue\r\n"))) return false;
  const auto go_ahead = client.read_head();
  return go_ahead && go_ahead->status == 100;
}

const std::string chunked = "POST /large/a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string chunk = "10000\r\n" + std::string(65'536, 'x') + "\r\n";

}  // namespace

TEST_CASE("A route takes larger bodies than the server where it says so, and no other does") {
  RunningServer server(routes_with_large());
  HttpClient client = server.client();
  CHECK(client.request("POST", "/large/a", std::string(large, 'x'))->body == "1048576 a");
  std::string in_chunks = chunked;
  for (int i = 0; i < 16; ++i) in_chunks += chunk;
  REQUIRE(client.send(in_chunks + "0\r\n\r\n"));
  CHECK(client.read()->body == "1048576 a");
  CHECK(client.request("POST", "/echo", "still here")->status == 201);
  CHECK(status_of(client.request("POST", "/echo", std::string(65'537, 'x'))) == 413);
  CHECK(status_of(server.client().request("POST", "/large/a", std::string(large + 1, 'x'))) == 413);
  HttpClient longer = server.client();
  longer.send(in_chunks + "1\r\nx\r\n0\r\n\r\n");
  CHECK(status_of(longer.read()) == 413);
  CHECK(status_of(server.client().request("PUT", "/large/a", std::string(large, 'x'))) == 413);
  CHECK(status_of(server.client().request("POST", "/large/%zz", std::string(large, 'x'))) == 413);
}

TEST_CASE("Who may not call the route is refused before the body comes") {
  http::ServerSpec spec;
  spec.host = "0.0.0.0";
  spec.token = "sesame";
  RunningServer server(routes_with_large(), spec);
  HttpClient stranger = server.client();
  REQUIRE(stranger.send(head(large)));
  CHECK(status_of(stranger.read()) == 401);
  HttpClient other_page = server.client();
  CHECK(status_of(other_page.request("POST", "/large/a", std::string(large, 'x'),
                                     "X-Foodorder-Token: sesame\r\nOrigin: http://evil.example\r\n")) == 403);
  HttpClient known = server.client();
  CHECK(status_of(known.request("POST", "/large/a", std::string(large, 'x'), "X-Foodorder-Token: sesame\r\n")) == 200);
}

TEST_CASE("Large bodies share a budget: one that finds no room there is a 503, and what ends gives its room back") {
  RunningServer server(routes_with_large(), with_budget(2 * large));
  const auto ask = [&] { return status_of(server.client().request("POST", "/large/a", std::string(large, 'x'))); };
  HttpClient first = server.client();
  REQUIRE(is_let_in(first));
  {
    HttpClient second = server.client();
    REQUIRE(is_let_in(second));
    CHECK(ask() == 503);
    HttpClient in_chunks = server.client();
    REQUIRE(in_chunks.send(chunked + chunk + chunk));
    const auto refused = in_chunks.read();
    REQUIRE(refused);
    CHECK(refused->status == 503);
    CHECK(refused->header("Retry-After") == "1");
    CHECK(status_of(server.client().request("POST", "/large/a", std::string(65'536, 'x'))) == 200);  // not large
  }
  // The second has gone without an answer.
  CHECK(eventually([&] { return ask() == 200; }));
  REQUIRE(first.send(std::string(large, 'x')));
  CHECK(status_of(first.read()) == 200);
  for (int i = 0; i < 5; ++i) CHECK(status_of(first.request("POST", "/large/a", std::string(large, 'x'))) == 200);
}

TEST_CASE("Tiny chunks cost a route with large bodies no more than a body of its size") {
  RunningServer server(routes_with_large());
  HttpClient client = server.client();
  std::string tiny;
  for (int i = 0; i < 10'000; ++i) tiny += "1\r\nx\r\n";
  client.send(chunked);
  for (int i = 0; i < 60 && client.send(tiny); ++i) {
  }
  CHECK(status_of(client.read()) == 413);
}
