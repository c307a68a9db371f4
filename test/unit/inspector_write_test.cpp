#include "foodorder/base/park.hpp"
#include "inspected.hpp"

using namespace foodorder;
using namespace foodorder::test;
using http::Method;

namespace {

const std::string messages = "/api/bus/topics/orders/messages";

Record record_at(Inspected& inspected, const std::string& topic, std::int32_t partition, std::int64_t offset) {
  const auto page = inspected.loop.run(inspected.bus->admin().read(TopicPartition(topic, partition), offset, {}));
  REQUIRE(page->has_value());
  REQUIRE(!page->value().records.empty());
  return *page->value().records.front().record;
}

/// Never acknowledges anything, as a broker that went away in the middle.
class StuckProducer final : public Producer {
 public:
  Task<Result<Position>> send(ProducerRecord) override {
    co_await park<Wake>([this](Waiter<Wake> waiter) { waiter_ = std::move(waiter); });
    co_return Error(Errc::outcome_unknown, "");
  }
  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord>) override {
    co_await park<Wake>([this](Waiter<Wake> waiter) { waiter_ = std::move(waiter); });
    co_return std::vector<Result<Position>>();
  }
  Task<> close() override { co_return; }

 private:
  Waiter<Wake> waiter_;
};

class StuckBus final : public EventBus {
 public:
  explicit StuckBus(EventBus& inner) : inner_(inner) {}

  std::string_view name() const override { return inner_.name(); }
  Features features() const override { return inner_.features(); }
  std::optional<std::string> trouble() const override { return {}; }
  Task<Result<std::string>> log_id(std::vector<std::string> topics) override {
    return inner_.log_id(std::move(topics));
  }
  std::unique_ptr<Producer> producer(ProducerSpec) override { return std::make_unique<StuckProducer>(); }
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override { return inner_.subscribe(std::move(spec)); }
  Admin& admin() override { return inner_.admin(); }

 private:
  EventBus& inner_;
};

}  // namespace

TEST_CASE(
    "A message without an acknowledgement after 3 s is unknown, later ones are not sent, and the answer lists each") {
  Inspected inspected;
  StuckBus stuck(*inspected.bus);
  inspected.routes = inspector_routes(stuck, inspected.loop.clock);
  std::string lines;
  for (int i = 0; i < 501; ++i) lines += "{\"value\":\"1\"}\n";
  http::Request request;
  request.body = lines;
  request.fields.emplace_back("Content-Type", "application/x-ndjson");
  request.path_parameters.emplace_back("topic", "orders");
  const auto route = std::find_if(inspected.routes.begin(), inspected.routes.end(), [](const http::Route& it) {
    return it.method == Method::post && it.pattern.ends_with("/messages");
  });
  std::optional<http::Response> answer;
  asio::co_spawn(inspected.loop.context, route->handler(request),
                 [&](const std::exception_ptr&, http::Response response) { answer = std::move(response); });
  inspected.loop.run_for(std::chrono::milliseconds(2'900));
  CHECK(!answer);
  inspected.loop.run_for(std::chrono::milliseconds(200));
  REQUIRE(answer);
  CHECK(answer->status == 503);
  const json::object problem = parse_json(answer->body).value().as_object();
  CHECK(problem.at("type").as_string() == "/problems/outcome-unknown");
  CHECK(std::string(problem.at("errors").at(0).at("message").as_string())
            .starts_with("it is not known whether it was written"));
  inspected.routes.clear();
}

TEST_CASE("A message is written as it was asked for: text, JSON, bytes, a tombstone, headers, a partition and a time") {
  Inspected inspected;
  const json::value first = inspected.post(
      messages,
      R"({"key":"k","value":{"action":"created","n":1},"headers":[{"name":"h","value":"v"},{"name":"none","value":null},{"name":"bytes","value":{"encoding":"base64","text":"//4="}}],"partition":1,"timestamp":"2026-02-05T13:11:17.406Z"})",
      201);
  CHECK(serialize_json(first) == R"({"topic":"orders","partition":1,"offset":0})");
  const Record written = record_at(inspected, "orders", 1, 0);
  CHECK(written.key() == "k");
  CHECK(written.value() == R"({"action":"created","n":1})");
  CHECK(written.headers == Headers{Header("h", "v"), Header("none", std::nullopt), Header("bytes", "\xff\xfe")});
  CHECK(to_iso_millis(written.timestamp) == "2026-02-05T13:11:17.406Z");
  inspected.post(messages, R"({"key":{"encoding":"base64","text":"//4="},"value":"text","partition":0})", 201);
  CHECK(record_at(inspected, "orders", 0, 0).key() == "\xff\xfe");
  CHECK(record_at(inspected, "orders", 0, 0).value() == "text");
  inspected.post(messages, R"({"key":"k","value":null,"partition":0})", 201);
  CHECK(!record_at(inspected, "orders", 0, 1).value());
}

TEST_CASE("Without a partition the key says where, as for every other producer") {
  Inspected inspected;
  const Position by_key = inspected.put("orders", Record("the key", "v"));
  const json::value written = inspected.post(messages, R"({"key":"the key","value":"v"})", 201);
  CHECK(written.at("partition").as_int64() == by_key.tp.partition);
}

TEST_CASE("Lines of NDJSON are written in their order, and told each with its place; an export can be read in again") {
  Inspected inspected;
  inspected.put("orders", Record("k", R"({"n":1})", Headers{Header("h", "v")}), 1);
  inspected.put("orders", Record(std::nullopt, std::string("\x00\xff", 2)), 0);
  http::Response file = inspected.ask(Method::get, messages, "export=ndjson");
  const std::string lines = inspected.read(file);
  const http::Response answer = inspected.ask(Method::post, messages, "", lines + "\n", "application/x-ndjson");
  REQUIRE(answer.status == 201);
  CHECK(parse_json(answer.body).value().as_array().size() == 2);
  for (const std::int32_t partition : {0, 1})
    CHECK(record_at(inspected, "orders", partition, 0) == record_at(inspected, "orders", partition, 1));
}

TEST_CASE("A dry run says what would be written where, and writes nothing") {
  Inspected inspected;
  const Position by_key = inspected.put("orders", Record("a", "v"));
  const std::string lines =
      "{\"key\":\"a\",\"value\":\"1\"}\n\n{\"key\":null,\"value\":\"2\"}\n{\"value\":null,\"partition\":0}\n";
  const http::Response answer = inspected.ask(Method::post, messages, "dryRun", lines, "application/x-ndjson");
  REQUIRE(answer.status == 200);
  const json::array records = parse_json(answer.body).value().at("records").as_array();
  REQUIRE(records.size() == 3);
  CHECK(records[0].at("partition").as_int64() == by_key.tp.partition);
  CHECK(records[1].at("partition").is_null());
  CHECK(records[2].at("partition").as_int64() == 0);
  CHECK(places(inspected.lines("stream")).size() == 1);
}

TEST_CASE("One line that is wrong refuses all, and is named") {
  Inspected inspected;
  const auto refused = [&](const std::string& body) {
    const http::Response answer = inspected.ask(Method::post, messages, "", body, "application/x-ndjson");
    CHECK(answer.status == 422);
    return std::string(parse_json(answer.body).value().at("errors").at(0).at("field").as_string());
  };
  CHECK(refused("{\"value\":\"1\"}\n{\"key\":\"k\"}") == "line 2: value");
  CHECK(refused("{\"value\":\"1\"}\n{\"value\":") == "line 2: ");
  CHECK(refused("{\"value\":\"1\",\"partition\":2}") == "line 1: partition");
  CHECK(refused("{\"value\":\"1\",\"key\":3}") == "line 1: key");
  CHECK(refused("{\"value\":\"1\",\"colour\":3}") == "line 1: colour");
  CHECK(refused("{\"value\":\"1\",\"cut\":true}") == "line 1: cut");
  CHECK(refused("{\"value\":\"1\",\"headers\":[{\"name\":\"h\"}]}") == "line 1: headers");
  CHECK(refused("{\"value\":\"1\",\"timestamp\":\"noon\"}") == "line 1: timestamp");
  CHECK(refused("{\"value\":{\"encoding\":\"base64\",\"text\":\"*\"}}") == "line 1: value");
  CHECK(refused("\n\n") == "");
  CHECK(places(inspected.lines("stream")).empty());
}

TEST_CASE("What the bus refuses is told with its line, beside what was written") {
  Inspected inspected;
  const std::string lines = "{\"key\":\"k\",\"value\":\"1\"}\n{\"value\":\"no key\"}\n";
  const http::Response answer =
      inspected.ask(Method::post, "/api/bus/topics/state/messages", "", lines, "application/x-ndjson");
  CHECK(answer.status == 422);
  const json::object problem = parse_json(answer.body).value().as_object();
  CHECK(std::string(problem.at("detail").as_string())
            .starts_with("1 of 2 messages were written; topic state is compacted"));
  CHECK(problem.at("errors").at(0).at("field").as_string() == "line 2");
  CHECK(serialize_json(problem.at("written")) == R"([{"topic":"state","partition":0,"offset":0,"line":1}])");
}

TEST_CASE("A record that is too large, a topic that is not there, and another type of body are refused as such") {
  Inspected inspected;
  const std::string large = R"({"key":"k","value":")" + std::string(1'100'000, 'x') + "\"}";
  CHECK(inspected.ask(Method::post, messages, "", large).status == 413);
  CHECK(inspected.ask(Method::post, "/api/bus/topics/none/messages", "", R"({"value":"1"})").status == 404);
  CHECK(inspected.ask(Method::post, messages, "", R"({"value":"1"})", "text/plain").status == 415);
  CHECK(inspected.ask(Method::post, messages, "", "{").status == 400);
}

TEST_CASE("A message of a MiB is written, in its largest form, and one body has ten thousand messages at most") {
  Inspected inspected;
  const auto route = std::find_if(inspected.routes.begin(), inspected.routes.end(), [](const http::Route& it) {
    return it.method == Method::post && it.pattern == "/api/bus/topics/{topic}/messages";
  });
  const std::string value = R"({"text":")" + std::string((1 << 20) - 1'000, 'x') + "\"}";
  inspected.put("orders", Record("k", value), 0);
  http::Response file = inspected.ask(Method::get, messages, "export=ndjson");
  const std::string exported = inspected.read(file);
  CHECK(exported.size() < route->body_max_bytes);
  CHECK(inspected.ask(Method::post, messages, "", exported, "application/x-ndjson").status == 201);
  CHECK(record_at(inspected, "orders", 0, 1).value() == value);
  std::string lines;
  for (int i = 0; i < 10'000; ++i) lines += "{\"value\":\"1\"}\n";
  CHECK(inspected.ask(Method::post, messages, "dryRun", lines, "application/x-ndjson").status == 200);
  const http::Response many = inspected.ask(Method::post, messages, "", lines + "{}\n", "application/x-ndjson");
  CHECK(many.status == 413);
  CHECK(many.body.find("10000 messages") != std::string::npos);
  CHECK(places(inspected.lines("stream")).size() == 2);
}

TEST_CASE("Compacting a topic tells what went") {
  Inspected inspected;
  for (const char* key : {"a", "b", "a"}) inspected.put("state", Record(key, "v"));
  inspected.put("state", Record("b", std::nullopt));
  const json::value done = inspected.post("/api/bus/topics/state/compact", "{}");
  CHECK(done.at("records").as_int64() == 3);
  CHECK(places(done.at("removed").as_array()) == Places{"0@0", "0@1", "0@3"});
  CHECK(done.at("removed").at(2).at("tombstone").as_bool());
  CHECK(done.at("removed").at(0).at("key").at("text").as_string() == "a");
  CHECK(done.at("partitions").at(0).at("recordsBefore").as_int64() == 4);
  CHECK(done.at("partitions").at(0).at("recordsAfter").as_int64() == 1);
  CHECK(inspected.post("/api/bus/topics/state/compact", "{}").at("records").as_int64() == 0);
  CHECK(inspected.ask(Method::post, "/api/bus/topics/orders/compact", "", "{}").status == 422);
  CHECK(inspected.ask(Method::post, "/api/bus/topics/none/compact", "", "{}").status == 404);
  CHECK(inspected.ask(Method::post, "/api/bus/topics/state/compact", "", R"({"now":true})").status == 422);
}

TEST_CASE("Every route of the inspector that writes needs the token") {
  Inspected inspected;
  for (const http::Route& route : inspected.routes) {
    INFO(route.pattern);
    CHECK(route.access == (route.method == Method::get ? http::Access::open : http::Access::control));
  }
}
