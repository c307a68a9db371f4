#include "foodorder/http/conditions.hpp"
#include "foodorder/http/problems.hpp"
#include "running_server.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;
using http::Method;
using http::Precondition;

namespace {

using Fields = std::vector<std::pair<std::string_view, std::string_view>>;

http::Request request_with(Fields fields, Method method = Method::put) {
  http::Request request;
  request.method = method;
  request.fields = std::move(fields);
  return request;
}

Precondition judge(Fields fields, std::string_view tag = "\"7\"") {
  return http::Conditions(request_with(std::move(fields))).judge(tag);
}

int refusal_of(Fields fields, std::string_view body = {}) {
  http::Request request = request_with(std::move(fields));
  request.body = body;
  const auto refusal = http::refuse_headers(request);
  return refusal ? refusal->status : 0;
}

/// GET /tagged, /untagged and /missing.
std::vector<http::Route> tagged_routes() {
  std::vector<http::Route> routes;
  routes.emplace_back(Method::get, "/tagged", [](http::Request&) -> Task<http::Response> {
    http::Response response = http::json_response("{}");
    response.headers.emplace_back("ETag", "\"7\"");
    co_return response;
  });
  routes.emplace_back(Method::get, "/untagged",
                      [](http::Request&) -> Task<http::Response> { co_return http::json_response("{}"); });
  routes.emplace_back(Method::get, "/missing",
                      [](http::Request&) -> Task<http::Response> { co_return http::problem(404, ""); });
  return routes;
}

std::optional<HttpResponse> get(RunningServer& server, const std::string& path, const std::string& fields,
                                const std::string& method = "GET") {
  HttpClient client = server.client();
  if (!client.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + fields + "\r\n"))
    return {};
  return client.read(method == "HEAD");
}

}  // namespace

TEST_CASE("If-Match compares strongly: any tag of the list, or * for whatever there is") {
  for (const char* holds : {"\"7\"", "\"6\" ,\t\"7\"", " * ", ", ,\"7\",", "\"a,b\",\"7\""})
    CHECK(judge({{"If-Match", holds}}) == Precondition::holds);
  for (const char* fails : {"\"8\"", "W/\"7\"", "\"77\"", "\"a,\", \"8\"", ""})
    CHECK(judge({{"If-Match", fails}}) == Precondition::if_match_failed);
}

TEST_CASE("If-None-Match compares weakly: no tag of the list, and with * nothing at all may be there") {
  for (const char* fails : {"\"7\"", "W/\"7\"", "\"1\", \"7\"", "*"})
    CHECK(judge({{"If-None-Match", fails}}) == Precondition::if_none_match_failed);
  for (const char* holds : {"\"8\"", "W/\"8\"", "\"7,\"", ""})
    CHECK(judge({{"If-None-Match", holds}}) == Precondition::holds);
}

TEST_CASE("If-Match is judged before If-None-Match, and both must hold") {
  CHECK(judge({{"If-None-Match", "\"7\""}, {"If-Match", "\"8\""}}) == Precondition::if_match_failed);
  CHECK(judge({{"If-None-Match", "\"7\""}, {"If-Match", "\"7\""}}) == Precondition::if_none_match_failed);
  CHECK(judge({{"If-None-Match", "\"8\""}, {"If-Match", "\"7\""}}) == Precondition::holds);
}

TEST_CASE("A condition on several field lines means what one line with commas means") {
  CHECK(judge({{"If-Match", "\"1\""}, {"if-match", "\"7\""}}) == Precondition::holds);
  CHECK(judge({{"If-None-Match", "\"1\""}, {"IF-NONE-MATCH", "\"7\""}}) == Precondition::if_none_match_failed);
}

TEST_CASE("What has no entity tag matches * alone") {
  CHECK(judge({{"If-Match", "*"}}, "") == Precondition::holds);
  CHECK(judge({{"If-Match", "\"7\""}}, "") == Precondition::if_match_failed);
  CHECK(judge({{"If-None-Match", "\"7\""}}, "") == Precondition::holds);
  CHECK(judge({{"If-None-Match", "*"}}, "") == Precondition::if_none_match_failed);
}

TEST_CASE("A malformed entity tag is a 400") {
  for (const char* bad : {"7", "\"7", "7\"", "w/\"7\"", "\"7\" \"8\"", "*, \"7\"", "\"a b\"", "W/", "W/*", "**"}) {
    CHECK(refusal_of({{"If-Match", bad}}) == 400);
    CHECK(refusal_of({{"If-None-Match", bad}}) == 400);
  }
  CHECK(refusal_of({{"If-Match", "*"}, {"If-Match", "*"}}) == 400);
  for (const char* good : {"\"7\"", "W/\"\"", "\"\xc3\xa9\"", "", " , ", "\"7\" , W/\"8\"", "*"})
    CHECK(refusal_of({{"If-Match", good}}) == 0);
}

TEST_CASE("A header that takes one value may repeat it, and two values are a 400 that names it") {
  for (const char* name : {"Content-Type", "Idempotency-Key", "Last-Event-ID"}) {
    CHECK(refusal_of({{name, "a"}, {"x", "y"}, {name, "a"}}) == 0);
    CHECK(refusal_of({{name, "a"}, {name, "b"}}) == 400);
    CHECK(refusal_of({{name, "a"}, {name, ""}}) == 400);
  }
  const auto refusal = http::refuse_headers(request_with({{"Idempotency-Key", "a"}, {"idempotency-key", "b"}}));
  REQUIRE(refusal);
  CHECK(refusal->body.find(R"("field":"Idempotency-Key")") != std::string::npos);
}

TEST_CASE("A body with a Content-Encoding is a 415, one without a body or with identity is not") {
  CHECK(refusal_of({{"Content-Encoding", "gzip"}}, "body") == 415);
  CHECK(refusal_of({{"Content-Encoding", "identity"}, {"Content-Encoding", "br"}}, "body") == 415);
  CHECK(refusal_of({{"Content-Encoding", "Identity"}}, "body") == 0);
  CHECK(refusal_of({{"Content-Encoding", "gzip"}}) == 0);
}

TEST_CASE("Conditions are judged for every GET and HEAD that succeeds, over the socket") {
  RunningServer server(tagged_routes());
  const auto status = [&](const std::string& path, const std::string& fields, const std::string& method = "GET") {
    const auto answer = get(server, path, fields, method);
    return answer ? answer->status : -1;
  };
  CHECK(status("/tagged", "") == 200);
  CHECK(status("/tagged", "If-Match: \"8\"\r\n") == 412);
  CHECK(status("/tagged", "If-Match: \"8\"\r\n", "HEAD") == 412);
  CHECK(status("/tagged", "If-Match: \"7\"\r\nIf-None-Match: W/\"7\"\r\n") == 304);
  CHECK(status("/tagged", "If-None-Match: \"1\"\r\nIf-None-Match: \"7\"\r\n", "HEAD") == 304);
  CHECK(status("/tagged", "If-None-Match: 7\r\n") == 400);
  CHECK(status("/tagged", "If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n") == 200);
  CHECK(status("/untagged", "If-Match: \"7\"\r\n") == 412);
  CHECK(status("/untagged", "If-None-Match: \"7\"\r\n") == 200);
  CHECK(status("/missing", "If-Match: \"7\"\r\n") == 404);
  CHECK(status("/missing", "If-None-Match: *\r\n") == 404);
  const auto unchanged = get(server, "/tagged", "If-None-Match: *\r\n");
  REQUIRE(unchanged);
  CHECK(unchanged->status == 304);
  CHECK(unchanged->body.empty());
  CHECK(unchanged->header("ETag") == "\"7\"");
  CHECK(unchanged->header("Content-Type").empty());
}
