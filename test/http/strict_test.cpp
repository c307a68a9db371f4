#include "running_server.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;

TEST_CASE("What two parsers could read differently is refused and the connection closed") {
  RunningServer server(example_routes());
  const std::pair<const char*, const char*> cases[] = {
      {"both framings",
       "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"both framings, reversed",
       "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"},
      {"another coding", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"},
      {"two codings", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"chunked twice",
       "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"identity", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na"},
      {"chunked in 1.0", "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"no Host", "GET /hello HTTP/1.1\r\n\r\n"},
      {"no Host in 1.0", "GET /hello HTTP/1.0\r\n\r\n"},
      {"two Hosts", "GET /hello HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"},
      {"two lengths", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"},
      {"a list of lengths", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\na"},
      {"a signed length", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na"},
      {"a huge length", "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\na"},
      {"a folded field", "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-A: b\r\n c\r\n\r\n"},
      {"a folded field, empty at first", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length:\r\n 1\r\n\r\na"},
      {"a space before the colon", "GET /hello HTTP/1.1\r\nHost : localhost\r\n\r\n"},
      {"a field without a name", "GET /hello HTTP/1.1\r\nHost: localhost\r\n: b\r\n\r\n"},
      {"bare line feeds", "GET /hello HTTP/1.1\nHost: localhost\n\n"},
      {"no path", "GET hello HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"another scheme", "GET ftp://localhost/hello HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a fragment", "GET /hello#x HTTP/1.1\r\nHost: localhost\r\n\r\n"},
      {"a bad chunk", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"},
      {"a chunk without its end", "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
      {"a version to come", "GET /hello HTTP/1.2\r\nHost: localhost\r\n\r\n"},
      {"a TLS hello", "\x16\x03\x01\x02\x01\x01\xfc\x03\x03 and so on\r\n\r\n"},
  };
  for (const auto& [name, bytes] : cases) {
    INFO(name);
    HttpClient client = server.client();
    REQUIRE(client.send(bytes));
    const auto response = client.read();
    REQUIRE(response);
    CHECK(response->status == 400);
    CHECK(response->header("Connection") == "close");
    CHECK(client.read_to_end() == "");
  }
  CHECK(server.client().request("GET", "/hello")->status == 200);
}

TEST_CASE("Empty lines before a request are ignored") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  REQUIRE(client.send("\r\n\r\n\r"));
  REQUIRE(client.send("\nGET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n"));
  CHECK(client.read()->status == 200);
}
