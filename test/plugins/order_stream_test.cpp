#include "foodorder/runtime/topics.hpp"
#include "order_http/feed_slots.hpp"
#include "order_world.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using namespace foodorder::test;

namespace {

/// An event with a number.
Record numbered(std::string_view topic, int n) {
  const std::string number = ",\"n\":" + std::to_string(n) + "}";
  if (topic == topics::audit) return Record("k", R"({"source":"s","action":"a","orderId":"k")" + number);
  return Record("k", R"({"action":"deleted","order":{"id":"k","customerName":"C","item":"I","quantity":1,"price":1,)"
                     R"("status":"deleted","createdAt":"2026-02-05T13:00:00.000Z"},)"
                     R"("timestamp":"2026-02-05T13:00:00.000Z")" +
                         number);
}

void send_numbers(OrderWorld& world, int first, int last) {
  for (int i = first; i < last; ++i) {
    const std::string_view topic = i % 4 == 3 ? topics::audit : topics::orders;
    world.send(topic, numbered(topic, i), i % 4 == 3 ? 0 : i % 4);
  }
}

/// The numbers of all events, in the order of their coming.
std::vector<int> numbers(const SseClient& client) {
  std::vector<int> found;
  for (const std::string& data : client.data()) {
    const std::size_t at = data.find("\"n\":");
    if (at != std::string::npos) found.push_back(std::stoi(data.substr(at + 4)));
  }
  return found;
}

void check_whole(std::vector<int> got, int first, int last) {
  std::array<int, 4> newest = {-1, -1, -1, -1};
  for (const int n : got) {
    int& of_partition = newest[static_cast<std::size_t>(n % 4)];
    CHECK(n > of_partition);
    of_partition = n;
  }
  std::sort(got.begin(), got.end());
  std::vector<int> all;
  for (int n = first; n < last; ++n) all.push_back(n);
  CHECK(got == all);
}

/// No offset of any partition ever goes back.
void check_ids(const SseClient& client) {
  const order::FeedSlots slots(topics::table());
  order::SlotOffsets last(slots.shown());
  for (const SseEvent& event : client.events()) {
    if (event.id.empty()) continue;
    const auto position = slots.parse_event_id(event.id);
    REQUIRE(position.has_value());
    for (std::size_t slot = 0; slot < last.size(); ++slot) CHECK(position->next[slot] >= last[slot]);
    last = position->next;
  }
}

}  // namespace

TEST_CASE("A new client is greeted, starts at the end and gets what comes as it comes") {
  OrderWorld world;
  world.start();
  world.place("before");
  SseClient client(world);
  client.read();
  CHECK(client.text().find("retry: 2000\nid: log-1:orders=") == 0);
  CHECK(client.data().empty());
  const std::string id = world.place("after");
  const auto data = client.data();
  REQUIRE(data.size() == 2);
  CHECK(data[0].find(R"({"type":"order","data":{"action":"created","order":{"id":")" + id) == 0);
  CHECK(data[1].find(R"({"type":"audit","data":{"source":"order-service","action":"created","orderId":")" + id) == 0);
  check_ids(client);
}

TEST_CASE("An empty Last-Event-ID is none: the client has seen no event yet") {
  OrderWorld world;
  world.start();
  world.place("before");
  SseClient client(world, "");
  client.read();
  CHECK(client.text().find("retry: 2000\nid: log-1:orders=") == 0);
  CHECK(client.text().find("event: gap") == std::string::npos);
}

TEST_CASE("The stream continues an order list from the position that the list names") {
  OrderWorld world;
  world.start();
  world.place("listed");
  // The log has this one, and the module has not read it yet: the list must not claim it.
  world.bus->hold_reading = true;
  world.send(topics::orders, numbered(topics::orders, 1), 1);
  const Answer list = world.call(http::Method::get, "/api/orders");
  REQUIRE(list.status == 200);
  const std::string position = list.header("Last-Event-ID");
  world.bus->hold_reading = false;
  world.bus->release();
  world.settle();
  const std::string later = world.place("later");
  SseClient client(world, position);
  client.read();
  CHECK(numbers(client) == std::vector<int>{1});
  CHECK(client.text().find("listed") == std::string::npos);
  CHECK(client.text().find("event: gap") == std::string::npos);
  CHECK(client.text().find(R"("action":"created","order":{"id":")" + later) != std::string::npos);
}

TEST_CASE("Retries are not relayed but move the position") {
  OrderWorld world;
  world.start();
  SseClient client(world);
  client.read();
  Record retry("k", "{}");
  retry.headers.add("retryCount", "1");
  world.send(topics::orders, retry, 0);
  world.send(topics::orders, numbered(topics::orders, 1), 1);
  CHECK(numbers(client) == std::vector<int>{1});
  CHECK(client.last_id() == "log-1:orders=1,1,0;audit=1;orders-dlq=0");  // audit: the deletion is told there
}

TEST_CASE("An event is made once for all clients") {
  OrderWorld world;
  world.start();
  std::vector<http::Chunk> got[2];
  for (auto& chunks : got) {
    const auto stream = world.call(http::Method::get, "/events").stream.release();
    const auto owned = std::shared_ptr<http::BodyStream>(stream);
    world.run(owned->next());
    asio::co_spawn(world.loop, owned->next(),
                   [&chunks, owned](std::exception_ptr, std::vector<http::Chunk> next) { chunks = std::move(next); });
  }
  world.settle();
  world.send(topics::audit, numbered(topics::audit, 1));
  REQUIRE(got[0].size() == 1);
  REQUIRE(got[1].size() == 1);
  CHECK(got[0][0] == got[1][0]);
}

TEST_CASE("Clients that are not equally far get nothing twice, and soon the same texts again") {
  OrderWorld world;
  world.start();
  SseClient ahead(world);
  ahead.read();
  SseClient behind(world);
  behind.read(1);
  for (int n = 0; n < 100; n += 10) {
    send_numbers(world, n, n + 10);
    ahead.read();
  }
  behind.read();
  check_whole(numbers(behind), 0, 100);
  CHECK(numbers(ahead) == numbers(behind));
}

TEST_CASE("A client that resumes from the ring misses nothing and gets nothing twice") {
  OrderWorld world;
  world.start();
  std::string position;
  {
    SseClient client(world);
    send_numbers(world, 0, 10);
    client.read();
    check_whole(numbers(client), 0, 10);
    position = client.last_id();
  }
  send_numbers(world, 10, 200);
  SseClient resumed(world, position);
  resumed.read();
  send_numbers(world, 200, 210);
  check_whole(numbers(resumed), 10, 210);
  check_ids(resumed);
  CHECK(resumed.text().find("event: gap") == std::string::npos);
}

TEST_CASE("A client that resumes from before the ring, or before a restart of the service, is served from the log") {
  OrderWorld world;
  world.start({{"feedEventsMax", 16}});
  std::string position;
  {
    SseClient client(world);
    client.read();
    send_numbers(world, 0, 7);
    position = client.last_id();
  }
  const bool restart = GENERATE(false, true);
  if (restart) {
    world.crash();
    send_numbers(world, 7, 400);
    world.start({{"feedEventsMax", 16}});
    send_numbers(world, 400, 500);
  } else {
    send_numbers(world, 7, 500);
  }
  SseClient resumed(world, position);
  resumed.read(3);
  send_numbers(world, 500, 600);  // the ring moves on while the client reads the log
  resumed.read(2);
  send_numbers(world, 600, 605);
  resumed.read();
  send_numbers(world, 605, 610);
  check_whole(numbers(resumed), 7, 610);
  check_ids(resumed);
  CHECK(resumed.text().find("event: gap") == std::string::npos);
}

TEST_CASE("Wherever a client is cut off, what it resumes with is the rest") {
  OrderWorld world;
  world.start({{"feedEventsMax", 32}});
  SseClient whole(world);
  whole.read();
  const std::string begin = whole.last_id();
  send_numbers(world, 0, 150);
  std::vector<int> pieces;
  std::string position = begin;
  for (int cut = 0; cut < 60; ++cut) {
    SseClient piece(world, position);
    piece.read(static_cast<std::size_t>(1 + cut % 3));
    check_ids(piece);
    if (cut % 4 == 0) send_numbers(world, 150 + cut, 154 + cut);
    position = piece.last_id();
    const auto got = numbers(piece);
    pieces.insert(pieces.end(), got.begin(), got.end());
  }
  SseClient last(world, position);
  last.read();
  const auto got = numbers(last);
  pieces.insert(pieces.end(), got.begin(), got.end());
  check_whole(pieces, 0, 210);
  check_whole(numbers(whole), 0, 210);
}

TEST_CASE("A position of another log, or a malformed one, gives a gap and goes on live") {
  OrderWorld world;
  world.start();
  send_numbers(world, 0, 5);
  for (const char* position :
       {"log-2:orders=0,0,0;audit=0;orders-dlq=0", "x", "log-1:orders=900,0,0;audit=0;orders-dlq=0"}) {
    SseClient client(world, position);
    client.read();
    const auto gap = client.text().find(
        "event: gap\nid: log-1:orders=2,1,1;audit=5;orders-dlq=0\ndata: {\"reason\":\"another-log\"}\n\n");
    REQUIRE(gap != std::string::npos);
    // A client that is cut off earlier must not keep a position of this log: it would never hear of the gap.
    CHECK(client.text().find("id: log-1:orders=2,1,1") == client.text().find("id: ", gap));
    CHECK(client.data().empty());
  }
  SseClient client(world, "x");
  client.read();
  send_numbers(world, 5, 6);
  CHECK(numbers(client) == std::vector<int>{5});
}

TEST_CASE("A position that retention has removed gives a gap and goes on live") {
  OrderWorld world;
  world.start({{"feedEventsMax", 16}});
  std::string position;
  {
    SseClient client(world);
    client.read();
    position = client.last_id();
  }
  const std::string large = R"({"source":"s","action":"a","orderId":"k","x":")" + std::string(950'000, 'x') + R"("})";
  for (int i = 0; i < 300; ++i) world.send(topics::audit, Record("k", large));
  world.advance(std::chrono::seconds(5));
  SseClient client(world, position);
  client.read();
  CHECK(client.text().find("data: {\"reason\":\"removed-by-retention\"}") != std::string::npos);
  send_numbers(world, 0, 1);
  CHECK(numbers(client) == std::vector<int>{0});
}

TEST_CASE("A client that reads too slowly is cut off, disturbs no other, and resumes") {
  OrderWorld world;
  world.start({{"feedEventsMax", 100}});
  SseClient slow(world);
  SseClient quick(world);
  slow.read(1);
  quick.read();
  send_numbers(world, 0, 300);
  slow.read();
  CHECK(slow.ended());
  check_whole(numbers(quick), 0, 300);
  CHECK(!quick.ended());
  SseClient resumed(world, slow.last_id());
  resumed.read();
  auto got = numbers(slow);
  for (const int n : numbers(resumed)) got.push_back(n);
  check_whole(got, 0, 300);
}

TEST_CASE("What is ready is gathered into few writes") {
  OrderWorld world;
  world.start();
  SseClient client(world);
  client.read(1);
  send_numbers(world, 0, 64);  // with what the order service says of them, more than a hundred events
  client.read();
  CHECK(client.writes() == 3);
  check_whole(numbers(client), 0, 64);
}

TEST_CASE("A client that resumes from far back gives way after each write, in the log and in the ring") {
  OrderWorld world;
  world.start({{"feedEventsMax", 1000}});
  send_numbers(world, 0, 3000);
  SseClient client(world, "log-1:orders=0,0,0;audit=0;orders-dlq=0");
  std::size_t written = 0;
  std::size_t most_at_once = 0;
  int passes = 1000;
  std::function<void()> look = [&] {  // once in each pass of the loop
    most_at_once = std::max(most_at_once, client.writes() - written);
    written = client.writes();
    if (--passes > 0) asio::post(world.loop, look);
  };
  asio::post(world.loop, look);
  client.read();
  check_whole(numbers(client), 0, 3000);
  CHECK(written > 3000 / 64);
  CHECK(most_at_once == 1);
}

TEST_CASE("A heartbeat moves the position of a client to which nothing else comes") {
  OrderWorld world;
  world.start();
  SseClient client(world);
  client.read();
  Record retry("k", "{}");
  retry.headers.add("retryCount", "1");
  world.send(topics::orders, retry, 0);
  const std::string beat =
      "id: log-1:orders=1,0,0;audit=0;orders-dlq=0\nevent: heartbeat\ndata: {\"type\":\"heartbeat\"}\n\n";
  world.advance(std::chrono::milliseconds(4'999));
  CHECK(client.text().find(beat) == std::string::npos);
  world.advance(std::chrono::milliseconds(1));
  CHECK(client.text().find(beat) != std::string::npos);
}

TEST_CASE("No event of the stream is without data, not even the greeting: clients there are that cannot take one") {
  OrderWorld world;
  world.start();
  world.place();
  world.advance(std::chrono::seconds(5));
  for (const std::optional<std::string>& resume :
       {std::optional<std::string>(), std::optional<std::string>("log-0:orders=0,0,0;audit=0;orders-dlq=0"),
        std::optional<std::string>("log-1:orders=0,0,0;audit=0;orders-dlq=0")}) {
    SseClient client(world, resume);
    client.read();
    world.advance(std::chrono::seconds(5));
    REQUIRE(client.events().size() >= 2);
    for (const SseEvent& event : client.events()) {
      CHECK(json::parse(event.data).is_object());
      CHECK(!event.id.empty());
    }
  }
}

TEST_CASE("A stream ends when its client leaves, when the service stops and when it crashes") {
  OrderWorld world;
  world.start();
  {
    SseClient client(world);
    client.read();
    CHECK(world.module->report().at("sseClients") == json::value(1));
  }
  CHECK(world.module->report().at("sseClients") == json::value(0));
  SseClient stopped(world);
  stopped.read();
  CHECK(world.stop());
  CHECK(stopped.ended());
  world.crash();
  world.start();
  SseClient crashed(world);
  SseClient crashed_in_log(world, "log-1:orders=0,0,0;audit=0;orders-dlq=0");
  crashed.read();
  CHECK(!crashed.ended());
  world.crash();
  CHECK(crashed.ended());
  crashed_in_log.read();
  CHECK(crashed_in_log.ended());
}

TEST_CASE("Paused, the service takes orders and relays nothing; resumed, it relays what came") {
  OrderWorld world;
  world.start();
  SseClient client(world);
  client.read();
  world.module->pause(true);
  world.place();
  CHECK(client.data().empty());
  world.module->pause(false);
  world.settle();
  CHECK(client.data().size() == 2);
}
