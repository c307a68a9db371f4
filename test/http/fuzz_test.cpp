#include "running_server.hpp"
#include "support/catch.hpp"

#include <random>

using namespace foodorder;
using namespace foodorder::test;

namespace {

const std::vector<std::string> seeds = {
    "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /orders/a%20b?limit=1&after=x HTTP/1.1\r\nHost: 127.0.0.1:3001\r\nOrigin: http://localhost\r\n\r\n",
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 11\r\n\r\n{\"a\": true}",
    ("POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;a=\"b\"\r\nhello\r\n0\r\n"
     "X: y\r\n\r\n"),
    "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
    "HEAD http://[::1]:80/hello HTTP/1.0\r\nHost: [::1]\r\nConnection: keep-alive\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
};

/// Changes a few places: an octet, a piece doubled or dropped, a piece of another seed put in.
std::string mutate(std::string text, std::mt19937_64& engine) {
  const auto below = [&](std::size_t limit) {
    return static_cast<std::size_t>(engine() % std::max<std::size_t>(limit, 1));
  };
  for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
    const std::size_t at = below(text.size());
    const std::size_t size = below(20);
    const std::string& other = seeds[below(seeds.size())];
    switch (below(5)) {
      case 0:
        if (!text.empty()) text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text.erase(at, size);
        break;
      case 2:
        text.insert(at, text.substr(at, size));
        break;
      case 3:
        text.insert(at, other.substr(below(other.size()), size));
        break;
      default:
        text.insert(at, std::vector<std::string>{"\r\n", "\r", "\n", " ", ":", "%", std::string(1, '\0')}[below(7)]);
        break;
    }
  }
  return text;
}

}  // namespace

TEST_CASE("Two thousand mutated requests leave the server answering, and leave nothing open") {
  RunningServer server(example_routes());
  std::mt19937_64 engine(7);  // the same requests each time
  HttpClient steady = server.client();
  for (int i = 0; i < 2000; ++i) {
    const std::string bytes = mutate(seeds[engine() % seeds.size()], engine);
    INFO("request " << i << ": " << bytes);
    HttpClient client = server.client();
    client.send(bytes.substr(0, bytes.size() / 2));
    client.send(bytes.substr(bytes.size() / 2));
    client.shutdown_send();
    const auto answer = client.read_to_end();
    REQUIRE(answer);
    REQUIRE((answer->empty() || answer->compare(0, 9, "HTTP/1.1 ") == 0));
    if (i % 10 != 0) continue;
    const auto response = steady.request("GET", "/orders/" + std::to_string(i));
    REQUIRE(response);
    REQUIRE(response->body == std::to_string(i));
  }
  CHECK(eventually([&] { return server.stats().connections_open == 1; }));
  CHECK(server.stats().responses_by_class[5] == 0);
}
