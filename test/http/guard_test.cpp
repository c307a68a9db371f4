#include "running_server.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;

namespace {

int status_of(RunningServer& server, const std::string& method, const std::string& host, const std::string& fields = "",
              const std::string& path = "/hello") {
  HttpClient client = server.client();
  if (!client.send(method + " " + path + " HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n")) return 0;
  const auto response = client.read();
  return response ? response->status : 0;
}

http::ServerSpec bound_to_all(std::string token) {
  http::ServerSpec spec;
  spec.host = "0.0.0.0";
  spec.token = std::move(token);
  return spec;
}

}  // namespace

TEST_CASE("Only this server's names pass as Host") {
  http::ServerSpec spec;
  spec.allow_hosts = {"orders.example", "other.example:8443"};
  RunningServer server(example_routes(), spec);
  for (const char* host : {"localhost", "LocalHost:3001", "127.0.0.1", "127.0.0.1:80", "[::1]", "[::1]:3001",
                           "orders.example", "ORDERS.example:99", "other.example"}) {
    INFO(host);
    CHECK(status_of(server, "GET", host) == 200);
  }
  for (const char* host : {"evil.example", "localhost.evil.example", "10.0.0.1", "localhost:", "localhost:x", "[::1",
                           "user@localhost", "localhost:80:80", "", "127.0.0.1.evil.example"}) {
    INFO(host);
    const int status = status_of(server, "GET", host);
    CHECK(status == (std::string(host) == "localhost:" ? 200 : 403));  // an empty port is the default one (RFC 3986)
  }
  HttpClient client = server.client();
  REQUIRE(client.send("GET http://evil.example/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const auto refused = client.read();
  REQUIRE(refused);
  CHECK(refused->status == 403);
  CHECK(refused->body.find("--allow-host=evil.example") != std::string::npos);
}

TEST_CASE("Pages from elsewhere are refused") {
  http::ServerSpec spec;
  spec.allow_hosts = {"orders.example"};
  RunningServer server(example_routes(), spec);
  CHECK(status_of(server, "GET", "localhost", "Origin: http://localhost:3001\r\n") == 200);
  CHECK(status_of(server, "GET", "localhost", "Origin: https://orders.example\r\n") == 200);
  CHECK(status_of(server, "GET", "localhost", "Origin: null\r\n") == 200);
  CHECK(status_of(server, "GET", "localhost", "Origin: https://evil.example\r\n") == 403);
  CHECK(status_of(server, "GET", "localhost", "Origin: localhost\r\n") == 403);
  const std::string empty = "Content-Length: 0\r\n";
  CHECK(status_of(server, "POST", "localhost", empty, "/echo") == 201);
  CHECK(status_of(server, "POST", "localhost", empty + "Origin: null\r\n", "/echo") == 403);
  CHECK(status_of(server, "POST", "localhost", empty + "Origin: https://evil.example\r\n", "/echo") == 403);
  CHECK(status_of(server, "POST", "localhost", empty + "Sec-Fetch-Site: cross-site\r\n", "/echo") == 403);
  CHECK(status_of(server, "POST", "localhost", empty + "Sec-Fetch-Site: same-origin\r\n", "/echo") == 201);
  CHECK(status_of(server, "GET", "localhost", "Sec-Fetch-Site: cross-site\r\n") == 200);
}

TEST_CASE("Control needs the token when more than loopback is bound, orders do not") {
  RunningServer server(example_routes(), bound_to_all("sesame"));
  const auto control = [&](const std::string& fields) {
    return status_of(server, "POST", "localhost", "Content-Length: 0\r\n" + fields, "/control");
  };
  CHECK(control("") == 401);
  CHECK(control("Authorization: Bearer wrong\r\n") == 401);
  CHECK(control("Authorization: Bearer sesamf\r\n") == 401);
  CHECK(control("Authorization: Basic sesame\r\n") == 401);
  CHECK(control("X-Foodorder-Token: sesam\r\n") == 401);
  CHECK(control("Authorization: bearer sesame\r\n") == 200);
  CHECK(control("X-Foodorder-Token: sesame\r\n") == 200);
  CHECK(server.client().request("POST", "/echo", "{}")->status == 201);
  HttpClient client = server.client();
  const auto refused = client.request("POST", "/control", "{}");
  REQUIRE(refused);
  CHECK(refused->header("WWW-Authenticate").find("Bearer") == 0);
}

TEST_CASE("No token is asked for on loopback, or when there is none") {
  http::ServerSpec loopback;
  loopback.token = "sesame";
  RunningServer local(example_routes(), loopback);
  CHECK(local.client().request("POST", "/control", "{}")->status == 200);
  RunningServer open(example_routes(), bound_to_all(""));
  CHECK(open.client().request("POST", "/control", "{}")->status == 200);
}
