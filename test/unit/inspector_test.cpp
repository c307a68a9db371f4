#include "inspected.hpp"

#include <boost/asio/post.hpp>

using namespace foodorder;
using namespace foodorder::test;

namespace {

const std::string topic = "orders";

http::Response ask(Inspected& inspected, const std::string& query) {
  return inspected.ask(http::Method::get, "/api/bus/topics/orders/messages", query);
}

json::object messages(Inspected& inspected, const std::string& query) {
  return inspected.get("/api/bus/topics/orders/messages", query);
}

/// "partition@offset" of each message, in the order of the answer.
Places shown(const json::object& answer) { return places(answer.at("messages").as_array()); }

Task<http::Response> answer(const http::Handler& handler, http::Request& request, bool& done) {
  http::Response response = co_await handler(request);
  done = true;
  co_return response;
}

}  // namespace

TEST_CASE("Messages are asked for from oldest, newest, an offset or a time") {
  Inspected inspected;
  for (int i = 0; i < 5; ++i) inspected.put(0, "v");
  CHECK(shown(messages(inspected, "partition=0&from=oldest&limit=2")) == Places{"0@0", "0@1"});
  CHECK(shown(messages(inspected, "partition=0&from=beginning&limit=2")) == Places{"0@0", "0@1"});
  CHECK(shown(messages(inspected, "partition=0&from=newest&limit=2")) == Places{"0@3", "0@4"});
  CHECK(shown(messages(inspected, "partition=0&from=end&limit=2")) == Places{"0@3", "0@4"});
  CHECK(shown(messages(inspected, "partition=0&limit=2")) == Places{"0@3", "0@4"});
  CHECK(shown(messages(inspected, "partition=0&from=3")) == Places{"0@3", "0@4"});
  CHECK(shown(messages(inspected, "partition=0&from=2000-01-01T00:00:00Z&limit=1")) == Places{"0@0"});
  CHECK(shown(messages(inspected, "partition=0&from=1000000000000&limit=1")) == Places{"0@0"});
  CHECK(shown(messages(inspected, "partition=0&from=9999999999999")).empty());
  CHECK(shown(messages(inspected, "partition=0&from=999999999999")).empty());
  CHECK(shown(messages(inspected, "partition=0&from=earliest&limit=1")) == Places{"0@0"});
  CHECK(shown(messages(inspected, "partition=0&from=latest&limit=1")) == Places{"0@4"});
  for (const char* bad : {"from=middle", "from=-1", "from=253402300800000", "from=99999999999999999999", "before=3",
                          "partition=0&before=x", "partition=0&from=1&before=3"})
    CHECK(ask(inspected, bad).status == 422);
}

TEST_CASE("The newest messages that match a filter are found however far back they are, page by page") {
  Inspected inspected;
  for (int i = 0; i < 1'500; ++i) inspected.put(0, i == 3 || i == 700 || i == 701 ? "needle" : "hay");
  inspected.put(1, "needle");
  const json::object last = messages(inspected, "text=needle&limit=2");
  CHECK(shown(last) == Places{"0@700", "0@701", "1@0"});
  CHECK(last.at("next").as_array().empty());
  REQUIRE(serialize_json(last.at("previous")) == R"([{"partition":0,"offset":500}])");
  const json::object first = messages(inspected, "text=needle&limit=2&partition=0&before=500");
  CHECK(shown(first) == Places{"0@3"});
  CHECK(first.at("previous").as_array().empty());
}

TEST_CASE("Paging back and forward meets every message once") {
  Inspected inspected;
  for (int i = 0; i < 7; ++i) inspected.put(0, "v");
  Places back;
  std::string query = "partition=0&limit=3";
  for (;;) {
    const json::object page = messages(inspected, query);
    const Places found = shown(page);
    back.insert(back.begin(), found.begin(), found.end());
    if (page.at("previous").as_array().empty()) break;
    query = "partition=0&limit=3&before=" + serialize_json(page.at("previous").at(0).at("offset"));
  }
  CHECK(back == Places{"0@0", "0@1", "0@2", "0@3", "0@4", "0@5", "0@6"});
  const json::object page = messages(inspected, "partition=0&limit=3&from=oldest");
  CHECK(serialize_json(page.at("next")) == R"([{"partition":0,"offset":3}])");
}

TEST_CASE("An answer stops at some MiB and says where to go on, in both directions") {
  Inspected inspected;
  for (int i = 0; i < 10; ++i) inspected.put(0, std::string(1'000'000, 'x'));
  const json::object newest = messages(inspected, "partition=0");
  CHECK(shown(newest) == Places{"0@6", "0@7", "0@8", "0@9"});
  CHECK(serialize_json(newest.at("previous")) == R"([{"partition":0,"offset":6}])");
  const json::object oldest = messages(inspected, "partition=0&from=oldest");
  CHECK(shown(oldest) == Places{"0@0", "0@1", "0@2", "0@3"});
  CHECK(serialize_json(oldest.at("next")) == R"([{"partition":0,"offset":4}])");
}

TEST_CASE("A long answer gives way again and again while it is read and while it is written") {
  Inspected inspected;
  for (int i = 0; i < 600; ++i) inspected.put(0, R"({"number":)" + std::to_string(i) + "}");
  http::Request request;
  request.query_string = "from=oldest&limit=500";
  request.path_parameters.emplace_back("topic", topic);
  const auto route = std::find_if(inspected.routes.begin(), inspected.routes.end(),
                                  [](const http::Route& it) { return it.pattern.ends_with("/messages"); });
  bool done = false;
  int passes = 0;
  std::function<void()> count = [&] {  // once in each pass of the loop
    if (done || ++passes > 1000) return;
    asio::post(inspected.loop.context, count);
  };
  asio::post(inspected.loop.context, count);
  const auto response = inspected.loop.run(answer(route->handler, request, done));
  REQUIRE(response);
  CHECK(parse_json(response->body).value().at("messages").as_array().size() == 500);
  CHECK(passes > 500 / 64);
  CHECK(passes < 1000);
}
