#include "inspected.hpp"

#include <set>

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::milliseconds;

namespace {

const std::string messages = "/api/bus/topics/orders/messages";

}  // namespace

TEST_CASE("A stream begins with what is to be read, gives the messages by time, and ends with where to go on") {
  Inspected inspected;
  inspected.put(0, "a");
  inspected.loop.run_for(milliseconds(2));
  inspected.put(1, "b");
  inspected.loop.run_for(milliseconds(2));
  inspected.put(0, "c");
  const auto lines = inspected.lines("stream");
  REQUIRE(lines.size() == 5);
  CHECK(
      serialize_json(lines[0]) ==
      R"({"begin":{"topic":"orders","total":3,"partitions":[{"partition":0,"offset":0,"endOffset":2},{"partition":1,"offset":0,"endOffset":1}]}})");
  CHECK(places(lines) == Places{"0@0", "1@0", "0@1"});
  CHECK(
      serialize_json(lines[4]) ==
      R"({"end":{"shown":3,"read":3,"unjudged":0,"total":3,"done":3,"next":[{"partition":0,"offset":2},{"partition":1,"offset":1}],"reason":"end"}})");
}

TEST_CASE("A stream goes on from its last position without a gap and without a repetition") {
  Inspected inspected;
  for (int i = 0; i < 5; ++i) inspected.put(i % 2, "v");
  CHECK(places(inspected.lines("stream&start=0:2,1:1")) == Places{"0@2", "1@1"});
  CHECK(places(inspected.lines("stream&count=2")).size() == 2);
  CHECK(inspected.lines("stream&count=2").back().at("end").at("reason").as_string() == "limit");
  CHECK(places(inspected.lines("stream&partition=1")) == Places{"1@0", "1@1"});
  const auto beyond = inspected.lines("stream&start=0:99");
  REQUIRE(beyond.size() == 1);
  CHECK(beyond[0].at("problem").at("status").as_int64() == 422);
}

TEST_CASE("A filtered stream counts what it read, and shows what it cannot judge") {
  Inspected inspected;
  for (int i = 0; i < 100; ++i) inspected.put(0, R"({"n":)" + std::to_string(i) + "}");
  inspected.put(0, "no json");
  const auto lines = inspected.lines("stream&filter=n%20%3E%3D%2098");
  CHECK(places(lines) == Places{"0@98", "0@99", "0@100"});
  CHECK(lines[3].at("unjudged").as_bool());
  CHECK(lines.back().at("end").at("read").as_int64() == 101);
  CHECK(lines.back().at("end").at("unjudged").as_int64() == 1);
  const http::Response refused = inspected.ask(http::Method::get, messages, "stream&filter=n%20is%203");
  CHECK(refused.status == 422);
  CHECK(refused.body.find("position 3: an operator") != std::string::npos);
}

TEST_CASE("Records without a key, tombstones, and records that are none, are asked for") {
  Inspected inspected;
  inspected.put("orders", Record(std::nullopt, "no key"), 0);
  inspected.put("orders", Record("null", "named null"), 0);
  inspected.put("orders", Record("k", std::nullopt), 0);
  CHECK(places(inspected.lines("stream&key=null")) == Places{"0@0"});
  CHECK(places(inspected.lines("stream&filter=key%20%3D%3D%20%22null%22")) == Places{"0@1"});
  CHECK(places(inspected.lines("stream&tombstones=only")) == Places{"0@2"});
  CHECK(places(inspected.lines("stream&tombstones=none")) == Places{"0@0", "0@1"});
}

TEST_CASE("A live tail begins at the end, gives what comes, shows that it lives, and ends when it is closed") {
  Inspected inspected;
  inspected.put(0, "before");
  Reading reading(inspected, messages, "live");
  inspected.loop.run_for(milliseconds(10));
  CHECK(places(reading.take()).empty());
  inspected.put(1, "one");
  inspected.put(0, "two");
  inspected.loop.run_for(milliseconds(500));
  const auto came = places(reading.take());
  CHECK(std::set<std::string>(came.begin(), came.end()) == std::set<std::string>{"0@1", "1@0"});
  inspected.loop.run_for(milliseconds(5'000));
  const auto quiet = reading.take();
  REQUIRE(!quiet.empty());
  CHECK(serialize_json(quiet.back().at("progress").at("next")) ==
        R"([{"partition":0,"offset":2},{"partition":1,"offset":1}])");
  CHECK(!reading.ended());
  reading.close();
  inspected.loop.run_for(milliseconds(1));
  CHECK(reading.ended());
}

TEST_CASE("The latest record of each key is what compaction would leave, filtered after that") {
  Inspected inspected;
  for (const auto& [key, value] : {std::pair("a", "1"), std::pair("b", "1"), std::pair("a", "2"), std::pair("c", "1")})
    inspected.put("state", Record(key, value));
  inspected.put("state", Record("b", std::nullopt));
  const auto lines = inspected.lines("stream&latestPerKey", "state");
  CHECK(places(lines) == Places{"0@2", "0@3", "0@4"});
  CHECK(lines[1].at("older").as_int64() == 1);
  CHECK(lines[3].at("value").is_null());
  CHECK(places(inspected.lines("stream&latestPerKey&text=1", "state")) == Places{"0@3"});
  const json::object page = inspected.get("/api/bus/topics/state/messages", "latestPerKey&limit=2");
  CHECK(places(page.at("messages").as_array()) == Places{"0@3", "0@4"});
  const json::object first = inspected.get("/api/bus/topics/state/messages", "latestPerKey&limit=2&from=oldest");
  CHECK(places(first.at("messages").as_array()) == Places{"0@2", "0@3"});
}

TEST_CASE("An offset that retention has taken is said to be gone, on a page and in a stream") {
  VirtualLoop loop;
  Inspected inspected;
  std::vector<TopicSpec> topics(1, TopicSpec("small", 1));
  topics.front().config["retention.bytes"] = "300";
  REQUIRE(inspected.loop.run(inspected.bus->admin().ensure_topics(std::move(topics)))->has_value());
  for (int i = 0; i < 10; ++i) inspected.put("small", Record("k", std::string(80, 'x')));
  const json::object page = inspected.get("/api/bus/topics/small/messages", "from=2&limit=1");
  REQUIRE(page.at("notes").as_array().size() == 1);
  const std::string note(page.at("notes").at(0).at("text").as_string());
  CHECK(note.starts_with("offsets 2 to "));
  CHECK(note.ends_with(" are gone: retention has removed them"));
  const auto lines = inspected.lines("stream&from=2", "small");
  const auto noted = std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.contains("note"); });
  REQUIRE(noted != lines.end());
  CHECK(noted->at("note").at("text").as_string() == note);
}

TEST_CASE("An export is what the filters let through and nothing else, as NDJSON or as CSV") {
  Inspected inspected;
  inspected.put("orders", Record("=1+1", "a \"quoted\"\nline", Headers{Header("h", "v")}), 0);
  inspected.put("orders", Record(std::nullopt, std::nullopt), 0);
  inspected.put("orders", Record("", ""), 0);
  inspected.put("orders", Record("@cmd", "\xff\xfe"), 0);
  const auto lines = inspected.lines("export=ndjson&tombstones=none");
  CHECK(places(lines) == Places{"0@0", "0@2", "0@3"});
  CHECK(lines.size() == 3);
  http::Response csv = inspected.ask(http::Method::get, messages, "export=csv");
  CHECK(csv.content_type.starts_with("text/csv"));
  CHECK(csv.headers.front() ==
        std::pair<std::string, std::string>("Content-Disposition", "attachment; filename=\"orders.csv\""));
  const std::string text = inspected.read(csv);
  const std::string time = "2026-02-02T02:40:00.000Z";
  CHECK(text ==
        "topic,partition,offset,timestamp,key,value,headers\r\n"
        "orders,0,0," +
            time +
            ",\"'=1+1\",\"a "
            "\"\"quoted\"\"\nline\",\"[{\"\"name\"\":\"\"h\"\",\"\"value\"\":{\"\"encoding\"\":\"\"utf-8\"\","
            "\"\"text\"\":\"\"v\"\"}}]\"\r\n"
            "orders,0,1," +
            time +
            ",,,\"[]\"\r\n"
            "orders,0,2," +
            time +
            ",\"\",\"\",\"[]\"\r\n"
            "orders,0,3," +
            time + ",\"'@cmd\",\"base64://4=\",\"[]\"\r\n");
}

TEST_CASE("Long values are cut where it is asked for, many headers unless all are asked for, and both are said") {
  Inspected inspected;
  Headers headers;
  for (int i = 0; i < 10'000; ++i) headers.add("h" + std::to_string(i), "v");
  inspected.put("orders", Record("k", "{\"grün\":\"" + std::string(800'000, 'x') + "\"}", std::move(headers)), 0);
  const auto message = [&](const std::string& query) {
    return inspected.get("/api/bus/topics/orders/messages", query).at("messages").at(0).as_object();
  };
  const json::object cut = message("valueMax=5");
  CHECK(cut.at("value").at("text").as_string() == "{\"gr");
  CHECK(cut.at("cut").as_bool());
  CHECK(!cut.contains("json"));
  CHECK(cut.at("headers").as_array().size() == 100);
  CHECK(cut.at("headerCount").as_int64() == 10'000);
  CHECK(cut.at("size").at("value").as_int64() == 800'012);
  const json::object whole = message("allHeaders");
  CHECK(whole.at("headers").as_array().size() == 10'000);
  CHECK(whole.contains("json"));
  CHECK(!whole.contains("cut"));
}

TEST_CASE("A value that is JSON stands on the line as it came, whatever its numbers and its white space") {
  Inspected inspected;
  inspected.put(0, "{\r\n  \"n\": 12345678901234567890,\n  \"text\": \"a\\nb\"\n}\n");
  inspected.put(0, "{\"n\": 1, \"n\": 2}");
  http::Response response = inspected.ask(http::Method::get, messages, "export=ndjson");
  const std::string text = inspected.read(response);
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
  CHECK(text.find(R"("json":{    "n": 12345678901234567890,   "text": "a\nb" } )") != std::string::npos);
  const auto lines = Inspected::split(text);
  CHECK(lines[0].at("json").at("text").as_string() == "a\nb");
  CHECK(!lines[1].contains("json"));
}

TEST_CASE("Streams of messages are limited in number, and one that ends makes room") {
  Inspected inspected;
  std::vector<http::Response> open;
  for (int i = 0; i < 16; ++i) open.push_back(inspected.ask(http::Method::get, messages, "live"));
  const http::Response refused = inspected.ask(http::Method::get, messages, "stream");
  CHECK(refused.status == 503);
  open.pop_back();
  CHECK(inspected.ask(http::Method::get, messages, "stream").status == 200);
}

namespace {

/// Reads to the end, and counts the passes of the loop, up to 10,001.
int passes_until_end(Inspected& inspected, Reading& reading) {
  int passes = 0;
  std::function<void()> count = [&] {
    if (reading.ended() || ++passes > 10'000) return;
    asio::post(inspected.loop.context, count);
  };
  asio::post(inspected.loop.context, count);
  inspected.loop.run_ready();
  return passes;
}

}  // namespace

TEST_CASE("A long scan gives way again and again, and holds no more than a page of each partition") {
  Inspected inspected;
  for (int i = 0; i < 5'000; ++i) inspected.put(0, R"({"n":)" + std::to_string(i) + "}");
  Reading reading(inspected, messages, "stream&filter=n%20%3D%3D%204999");
  const int passes = passes_until_end(inspected, reading);
  REQUIRE(reading.ended());
  CHECK(places(reading.take()) == Places{"0@4999"});
  CHECK(passes > 5'000 / 64);
  CHECK(passes < 10'000);
}

TEST_CASE("A record of nearly a MiB lets others run as often as the small ones that it is as large as") {
  Inspected inspected;
  for (int i = 0; i < 4; ++i) inspected.put(0, std::string(900'000, 'x'));
  Reading reading(inspected, messages, "stream");
  const int passes = passes_until_end(inspected, reading);
  REQUIRE(reading.ended());
  CHECK(reading.take().size() >= 6);  // begin, the records, end
  CHECK(passes > 4 * 900'000 / 65'536);
}
