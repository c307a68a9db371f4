#include "foodorder/http/problems.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

#include <boost/json.hpp>

using namespace foodorder;
using namespace foodorder::test;

namespace {

constexpr const char* get_hello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

}  // namespace

TEST_CASE("A response carries the fields that every response has") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  const auto json = client.request("GET", "/hello");
  REQUIRE(json);
  CHECK(json->status == 200);
  CHECK(json->body == "{\"hello\":true}");
  CHECK(json->header("Content-Type") == "application/json");
  CHECK(json->header("X-Content-Type-Options") == "nosniff");
  CHECK(json->header("Referrer-Policy") == "no-referrer");
  CHECK(json->header("Cache-Control") == "no-store");
  CHECK(json->header("Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
  CHECK(json->header("Content-Security-Policy").empty());
  const auto page = client.request("GET", "/page");
  REQUIRE(page);
  CHECK(page->header("Cache-Control") == "max-age=60");
  const std::string policy = page->header("Content-Security-Policy");
  CHECK(policy.find("default-src 'self'") == 0);
  CHECK(policy.find("unsafe-inline") == std::string::npos);
}

TEST_CASE("The Date field follows the clock, on a connection that stays open, too") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  REQUIRE(client.request("GET", "/hello")->header("Date") == "Sun, 06 Nov 1994 08:49:37 GMT");
  server.advance(std::chrono::hours(1));
  CHECK(eventually([&] { return client.request("GET", "/hello")->header("Date") == "Sun, 06 Nov 1994 09:49:37 GMT"; }));
}

TEST_CASE("Pipelined requests are answered in their order") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  std::string bytes;
  for (int i = 0; i < 50; ++i) bytes += "GET /orders/" + std::to_string(i) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  REQUIRE(client.send(bytes));
  for (int i = 0; i < 50; ++i) {
    const auto response = client.read();
    REQUIRE(response);
    CHECK(response->body == std::to_string(i));
  }
}

TEST_CASE("Fifty pipelined requests with a body in one write are all answered, mixed with others as well") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  std::string bytes;
  for (int i = 0; i < 50; ++i) {
    const std::string body = std::to_string(i) + std::string(700, 'b');
    bytes += "POST /echo HTTP/1.1\r\nHost: localhost\r\nX-Padding: " + std::string(150, 'p') +
             "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    if (i % 10 == 0) bytes += get_hello;
  }
  REQUIRE(client.send(bytes + "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n" + get_hello));
  for (int i = 0; i < 50; ++i) {
    const auto response = client.read();
    REQUIRE(response);
    REQUIRE(response->status == 201);
    CHECK(response->body == std::to_string(i) + std::string(700, 'b'));
    if (i % 10 == 0) CHECK(client.read()->body == "{\"hello\":true}");
  }
  CHECK(client.read()->status == 413);
  CHECK(client.read_to_end() == "");
}

TEST_CASE("A pipelined request that asks for 100 Continue gets it after the answers before it") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  REQUIRE(client.send(std::string(get_hello) +
                      "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"));
  CHECK(client.read()->body == "{\"hello\":true}");
  CHECK(client.read_head()->status == 100);
  REQUIRE(client.send(std::string("ok") + get_hello));
  CHECK(client.read()->body == "ok");
  CHECK(client.read()->body == "{\"hello\":true}");
}

TEST_CASE("A request may arrive byte by byte, its views stay whole") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  const std::string padding(5000, 'p');  // the buffer has to grow on the way
  const std::string bytes = "GET /orders/seven HTTP/1.1\r\nHost: localhost\r\nX-Padding: " + padding + "\r\n\r\n" +
                            "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"
                            "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
                            "chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n";
  for (const char byte : bytes) REQUIRE(client.send(std::string_view(&byte, 1)));
  for (const char* expected : {"seven", "hello", "abcde"}) {
    const auto response = client.read();
    REQUIRE(response);
    CHECK(response->body == expected);
  }
}

TEST_CASE("A large body arrives whole, with Content-Length and in chunks") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  std::string body;
  while (body.size() < 64 * 1024) body += static_cast<char>('a' + body.size() % 26);
  const auto plain = client.request("POST", "/echo", body);
  REQUIRE(plain);
  CHECK(plain->body == body);
  std::string chunked = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t i = 0; i < body.size(); i += 1024) chunked += "400\r\n" + body.substr(i, 1024) + "\r\n";
  REQUIRE(client.send(chunked + "0\r\n\r\n"));
  const auto answer = client.read();
  REQUIRE(answer);
  CHECK(answer->body == body);
  const auto big = client.request("GET", "/big");
  REQUIRE(big);
  CHECK(big->body == std::string(100'000, 'x'));
}

TEST_CASE("HTTP/1.0 ends with its response unless it asks for more") {
  RunningServer server(example_routes());
  HttpClient once = server.client();
  REQUIRE(once.send("GET /hello HTTP/1.0\r\nHost: localhost\r\n\r\n"));
  const auto all = once.read_to_end();
  REQUIRE(all);
  CHECK(all->find("Connection: close\r\n") != std::string::npos);
  HttpClient twice = server.client();
  for (int i = 0; i < 2; ++i) {
    REQUIRE(twice.send("GET /hello HTTP/1.0\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n"));
    const auto response = twice.read();
    REQUIRE(response);
    CHECK(response->header("Connection") == "keep-alive");
  }
}

TEST_CASE("Connection: close is honoured, also with a request behind it") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  REQUIRE(client.send(std::string("GET /hello HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n") + get_hello));
  const auto response = client.read();
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(client.read_to_end() == "");
}

TEST_CASE("Expect: 100-continue is answered before the body, and not when the body is there or too large") {
  RunningServer server(example_routes());
  const std::string head = "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: ";
  HttpClient client = server.client();
  REQUIRE(client.send(head + "2\r\n\r\n"));
  const auto interim = client.read_head();
  REQUIRE(interim);
  CHECK(interim->status == 100);
  REQUIRE(client.send("ok"));
  CHECK(client.read()->body == "ok");
  REQUIRE(client.send(head + "2\r\n\r\nok"));
  CHECK(client.read_head()->status == 201);
  HttpClient large = server.client();
  REQUIRE(large.send(head + "100000\r\n\r\n"));
  CHECK(large.read_head()->status == 413);
  HttpClient other = server.client();
  REQUIRE(other.send("GET /hello HTTP/1.1\r\nHost: localhost\r\nExpect: more\r\n\r\n"));
  CHECK(other.read()->status == 417);
}

TEST_CASE("HEAD is GET without the body, OPTIONS lists the methods, neither disturbs the next request") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  const auto head = client.request("HEAD", "/hello");
  REQUIRE(head);
  CHECK(head->status == 200);
  CHECK(head->header("Content-Length") == "14");
  const auto options = client.request("OPTIONS", "/hello");
  REQUIRE(options);
  CHECK(options->status == 204);
  CHECK(options->header("Allow") == "GET, HEAD, OPTIONS");
  CHECK(options->header("Content-Length").empty());
  CHECK(client.request("OPTIONS", "*")->status == 204);
  CHECK(client.request("GET", "/hello")->status == 200);
}

TEST_CASE("What is not there is a 404, another method a 405 with Allow, both as problems") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  for (const char* path : {"/", "/hello/", "//hello", "/x/../hello", "/%68ello", "/orders", "/orders/", "/orders/a/b",
                           "/orders/..", "/orders/%2e%2e", "/HELLO"}) {
    INFO(path);
    const auto response = client.request("GET", path);
    REQUIRE(response);
    CHECK(response->status == 404);
    CHECK(response->header("Content-Type") == "application/problem+json");
  }
  for (const char* method : {"DELETE", "PUT", "TRACE", "INVENTED"}) {
    INFO(method);
    const auto response = client.request(method, "/hello");
    REQUIRE(response);
    CHECK(response->status == 405);
    CHECK(response->header("Allow") == "GET, HEAD, OPTIONS");
  }
}

TEST_CASE("Path parameters and queries are decoded, bad escapes are a 400") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  CHECK(client.request("GET", "/orders/a%20b%2Fc+d")->body == "a b/c+d");
  CHECK(client.request("GET", "/orders/%c3%a9")->body == "\u00e9");
  CHECK(client.request("GET", "/query?q=a&q=b%26+c&x")->body == "b& c");
  CHECK(client.request("GET", "/query?r=1")->body == "none");
  for (const char* target : {"/orders/%", "/orders/%4", "/orders/%zz", "/orders/%00", "/orders/%ff", "/orders/\xff",
                             "/query?q=%", "/query?q=%g1"}) {
    INFO(target);
    const auto response = client.request("GET", target);
    REQUIRE(response);
    CHECK(response->status == 400);
  }
  CHECK(client.request("GET", "http://localhost/query?q=7")->body == "7");
}

TEST_CASE("A handler that throws is a 500, and so is a response that would split; the server goes on") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  CHECK(client.request("GET", "/throws")->status == 500);
  const auto split = client.request("GET", "/bad-header");
  REQUIRE(split);
  CHECK(split->status == 500);
  CHECK(split->header("Set-Cookie").empty());
  CHECK(client.request("GET", "/hello")->status == 200);
  CHECK(!server.client().request("GET", "/throws-int"));  // not even an exception of the standard library
  CHECK(server.client().request("GET", "/hello")->status == 200);
}

TEST_CASE("A problem is written as RFC 9457 says") {
  const http::Response plain = http::problem(404, "", "no \"such\" order");
  CHECK(plain.content_type == "application/problem+json");
  const auto body = boost::json::parse(plain.body).as_object();
  CHECK(body.at("type") == "about:blank");
  CHECK(body.at("status") == 404);
  CHECK(body.at("detail") == "no \"such\" order");
  CHECK(!body.contains("errors"));
  const std::vector<http::ProblemField> errors{{"price", "must be at most 100000"}};
  const auto typed = boost::json::parse(http::problem(422, "check-failed", "", errors).body).as_object();
  CHECK(typed.at("type") == "/problems/check-failed");
  CHECK(typed.at("errors").at(0).at("field") == "price");
  CHECK(typed.at("errors").at(0).at("message") == "must be at most 100000");
}

TEST_CASE("A problem repeats a bounded part of what a client sent, whoever wrote it") {
  std::vector<http::ProblemField> errors;
  for (int i = 0; i < 10'000; ++i) errors.emplace_back("f" + std::string(1000, 'x'), std::string(5000, 'm'));
  const http::Response problem = http::problem(422, "", std::string(60'000, 'd'), errors);
  CHECK(problem.body.size() < 25'000);
  const auto body = boost::json::parse(problem.body).as_object();
  CHECK(body.at("errors").as_array().size() == 31);
  CHECK(body.at("errors").as_array().back().at("message") == "9970 more");
  CHECK(body.at("detail").as_string().size() == 1000);
  const auto cut = boost::json::parse(http::problem(404, "", std::string(998, 'd') + "\u00e9").body).as_object();
  CHECK(cut.at("detail").as_string().size() == 1000);
}

TEST_CASE("Extension members follow the members of RFC 9457, whole and escaped") {
  const boost::json::object members{{"orderId", "a\"b"}, {"offsets", boost::json::array{1, 2}}};
  const http::Response problem = http::problem(409, "taken", "no", {}, members);
  CHECK(problem.body == R"({"type":"/problems/taken","title":"Conflict","status":409,"detail":"no","orderId":"a\"b",)"
                        R"("offsets":[1,2]})");
}

TEST_CASE("A problem without a type has the title of its status") {
  CHECK(http::problem(409, "no").body == R"({"type":"about:blank","title":"Conflict","status":409,"detail":"no"})");
  CHECK(http::problem(413, "").body == R"({"type":"about:blank","title":"Content Too Large","status":413})");
  CHECK(http::problem(422, "").body == R"({"type":"about:blank","title":"Unprocessable Content","status":422})");
}

TEST_CASE("What is unavailable says when to ask again") {
  const http::Response answer = http::unavailable("queue-full", "full");
  CHECK(answer.status == 503);
  CHECK(answer.body == R"({"type":"/problems/queue-full","title":"Service Unavailable","status":503,"detail":"full"})");
  REQUIRE(answer.headers.size() == 1);
  CHECK(answer.headers[0] == std::pair<std::string, std::string>("Retry-After", "1"));
}

TEST_CASE("Statistics count connections, requests and responses") {
  RunningServer server(example_routes());
  HttpClient client = server.client();
  REQUIRE(client.request("GET", "/hello"));
  REQUIRE(client.request("GET", "/nothing"));
  REQUIRE(client.request("GET", "/throws"));
  const http::ServerStats stats = server.stats();
  CHECK(stats.connections_open == 1);
  CHECK(stats.connections_total == 1);
  CHECK(stats.requests_total == 3);
  CHECK(stats.responses_by_class[2] == 1);
  CHECK(stats.responses_by_class[4] == 1);
  CHECK(stats.responses_by_class[5] == 1);
}
