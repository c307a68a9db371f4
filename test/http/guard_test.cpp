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

TEST_CASE("What control changes has no entity tag: If-Match can only be *, and If-None-Match: * fails") {
  RunningServer server(example_routes());
  const auto control = [&](const std::string& fields) {
    return status_of(server, "POST", "localhost", "Content-Length: 0\r\n" + fields, "/control");
  };
  CHECK(control("If-Match: \"a\"\r\n") == 412);
  CHECK(control("If-None-Match: *\r\n") == 412);
  CHECK(control("If-Match: *\r\n") == 200);
  CHECK(control("If-None-Match: \"a\"\r\n") == 200);
}

TEST_CASE("Only this server's names pass as Host") {
  http::ServerSpec spec;
  spec.allow_hosts = {"orders.example", "other.example:8443"};
  RunningServer server(example_routes(), spec);
  for (const char* host :
       {"localhost", "LocalHost:3001", "localhost.", "app.localhost:3001", "127.0.0.1", "127.0.0.1:80", "127.9.9.9",
        "[::1]", "[::1]:3001", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]", "localhost:", "orders.example",
        "ORDERS.example.:99", "other.example"}) {
    INFO(host);
    CHECK(status_of(server, "GET", host) == 200);
  }
  for (const char* host : {"evil.example",
                           "localhost.evil.example",
                           "10.0.0.1",
                           "localhost:x",
                           "localhost:65536",
                           "[::1",
                           "[127.0.0.1]",
                           "::1",
                           "[::2]",
                           "user@localhost",
                           "localhost@evil.example",
                           "localhost:80:80",
                           "",
                           ".",
                           "..",
                           "127.0.0.1.evil.example",
                           "127.1",
                           "2130706433",
                           "0177.0.0.1",
                           "0x7f000001",
                           "127.0.0.1:+80",
                           "order-service:3001",
                           "0.0.0.0",
                           "local%68ost",
                           "localhost/",
                           "localhost, evil.example",
                           "notlocalhost",
                           "sub.orders.example"}) {
    INFO(host);
    CHECK(status_of(server, "GET", host) == 403);
  }
  HttpClient client = server.client();
  REQUIRE(client.send("GET http://evil.example/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  const auto refused = client.read();
  REQUIRE(refused);
  CHECK(refused->status == 403);
  CHECK(refused->body.find("--allow-host=evil.example") != std::string::npos);
}

TEST_CASE("Beyond loopback, addresses and names without a dot pass as Host: nobody's DNS can rebind them") {
  RunningServer server(example_routes(), bound_to_all(""));
  for (const char* host : {"192.168.1.5:3001", "10.0.0.1", "[fe80::1]:3001", "[fe80::1%25eth0]", "[2001:DB8::1]",
                           "order-service:3001", "ORDER_1", "3f2a9b8c1d2e:80", "localhost", "0.0.0.0:3001"}) {
    INFO(host);
    CHECK(status_of(server, "GET", host) == 200);
  }
  for (const char* host :
       {"evil.example", "192.168.1.5.evil.example", "192.168.1", "0300.168.1.5", "a.b", "order service",
        "order-service@evil.example", "[fe80::1", "fe80::1", "[order-service]", "order%2dservice", ""}) {
    INFO(host);
    CHECK(status_of(server, "GET", host) == 403);
  }
  CHECK(status_of(server, "GET", "evil.example", "X-Forwarded-Host: localhost\r\n") == 403);
}

TEST_CASE("A probe answers under any Host, and in HTTP/1.0 without one; in HTTP/1.1 a Host is needed") {
  RunningServer server(example_routes());
  for (const char* host : {"evil.example", "10.1.2.3:3001", "", "?", "user@x"})
    CHECK(status_of(server, "GET", host, "", "/probe") == 200);
  CHECK(status_of(server, "OPTIONS", "evil.example", "", "/probe") == 204);
  CHECK(status_of(server, "GET", "evil.example", "", "/probe/") == 403);
  const auto without_host = [&](const std::string& line) {
    HttpClient client = server.client();
    REQUIRE(client.send(line + "\r\n\r\n"));
    const auto response = client.read();
    return response ? response->status : 0;
  };
  CHECK(without_host("GET /probe HTTP/1.0") == 200);
  CHECK(without_host("GET /hello HTTP/1.0") == 400);
  CHECK(without_host("GET /probe HTTP/1.1") == 400);
  CHECK(status_of(server, "GET", "evil.example", "Origin: http://evil.example\r\n", "/probe") ==
        200);  // its own origin
  CHECK(status_of(server, "GET", "localhost", "Origin: http://evil.example\r\n", "/probe") == 403);
}

TEST_CASE("A page is this server's own only by scheme, host and port") {
  RunningServer server(example_routes());
  const auto post = [&](const std::string& host, const std::string& fields) {
    return status_of(server, "POST", host, "Content-Length: 0\r\n" + fields, "/echo");
  };
  CHECK(post("localhost:3001", "Origin: http://localhost:3001\r\n") == 201);
  CHECK(post("LOCALHOST:3001", "Origin: HTTP://localhost.:3001\r\n") == 201);
  CHECK(post("[::1]:3001", "Origin: http://[0::1]:3001\r\n") == 201);
  CHECK(post("localhost", "Origin: http://localhost\r\n") == 201);
  CHECK(post("localhost:80", "Origin: http://localhost\r\n") == 201);
  for (const char* origin : {"http://localhost:5173", "http://localhost", "https://localhost:3001",
                             "http://127.0.0.1:3001", "http://localhost:8080", "ftp://localhost:3001", "localhost:3001",
                             "http://localhost:3001/", "http://localhost:3001@evil.example", "http://evil.example:3001",
                             "http://", "", "file://", "null", "chrome-extension://abc"}) {
    INFO(origin);
    CHECK(post("localhost:3001", std::string("Origin: ") + origin + "\r\n") == 403);
    const bool reads = std::string_view(origin) == "null";  // an answer that no page can read
    CHECK(status_of(server, "GET", "localhost:3001", std::string("Origin: ") + origin + "\r\n") == (reads ? 200 : 403));
  }
  CHECK(post("localhost", "") == 201);  // no browser
  for (const char* site : {"cross-site", "same-site"})
    CHECK(post("localhost", std::string("Sec-Fetch-Site: ") + site + "\r\n") == 403);
  for (const char* site : {"same-origin", "none"})
    CHECK(post("localhost", std::string("Sec-Fetch-Site: ") + site + "\r\n") == 201);
  CHECK(status_of(server, "GET", "localhost", "Sec-Fetch-Site: cross-site\r\n") == 200);
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  CHECK(status_of(server, "GET", "localhost", upgrade + "Origin: http://evil.example\r\n") == 403);
}

TEST_CASE("Behind a proxy that replaces the Host, the browser's word counts for pages under this server's names") {
  RunningServer server(example_routes());
  const auto post = [&](const std::string& origin) {
    return status_of(server, "POST", "127.0.0.1:3001",
                     "Content-Length: 0\r\nSec-Fetch-Site: same-origin\r\nOrigin: " + origin + "\r\n", "/echo");
  };
  CHECK(post("http://localhost:8000") == 201);
  CHECK(post("https://localhost") == 201);
  CHECK(post("http://rebound.example:8000") == 403);
}

TEST_CASE("Pages of an allowed origin are let in and may read the answers") {
  http::ServerSpec spec;
  spec.allow_hosts = {"orders.example", "localhost:5173", "fd00::7"};
  RunningServer server(example_routes(), spec);
  HttpClient client = server.client();
  const auto from = [&](const char* method, const std::string& origin, const std::string& more = "") {
    auto answer =
        client.request(method, "/echo", {}, "Sec-Fetch-Site: cross-site\r\nOrigin: " + origin + "\r\n" + more);
    REQUIRE(answer);
    return *answer;
  };
  for (const char* origin : {"http://orders.example", "https://orders.example", "http://orders.example:80",
                             "http://localhost:5173", "https://[fd00::7]"}) {
    INFO(origin);
    const HttpResponse answer = from("POST", origin);
    CHECK(answer.status == 201);
    CHECK(answer.header("Access-Control-Allow-Origin") == origin);
    CHECK(answer.header("Access-Control-Expose-Headers") ==
          "ETag, Last-Event-ID, Link, Location, Retry-After, X-Total-Count");
    CHECK(answer.header("Vary") == "Origin");
    CHECK(from("GET", origin).header("Access-Control-Allow-Origin") == origin);  // of a 405, too
    const HttpResponse preflight = from("OPTIONS", origin, "Access-Control-Request-Method: POST\r\n");
    CHECK(preflight.status == 204);
    CHECK(preflight.header("Access-Control-Allow-Origin") == origin);
    CHECK(preflight.header("Access-Control-Allow-Methods") == "POST, OPTIONS");
    CHECK(preflight.header("Access-Control-Allow-Headers").find("Idempotency-Key") != std::string::npos);
  }
  for (const char* origin : {"http://orders.example:3001", "http://localhost:5174", "https://evil.example"}) {
    INFO(origin);
    const HttpResponse answer = from("OPTIONS", origin, "Access-Control-Request-Method: POST\r\n");
    CHECK(answer.status == 403);
    CHECK(answer.header("Access-Control-Allow-Origin").empty());
  }
  CHECK(from("POST", "http://orders.example:3001").body.find("--allow-host=orders.example:3001") != std::string::npos);
  CHECK(client.request("POST", "/echo")->header("Access-Control-Allow-Origin").empty());
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
