#include "rules/fraud_rules.hpp"
#include "reorder_buffer.hpp"
#include "rules/sliding_window.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <random>

using namespace foodorder;
using namespace foodorder::fraud;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

const Timestamp noon = *parse_iso("2026-02-05T12:00:00Z");

EventKey key(int number) { return EventKey(std::to_string(number)); }

WindowCounts counts(std::int64_t customer, std::int64_t global) {
  WindowCounts both;
  both.customer_orders = customer;
  both.global_orders = global;
  return both;
}

std::vector<AlertType> types(const std::vector<Alert>& alerts) {
  std::vector<AlertType> found;
  for (const Alert& alert : alerts) found.push_back(alert.type);
  return found;
}

}  // namespace

TEST_CASE("The 6th order of a customer, the 21st over all and 100.01 raise alerts, one less does not") {
  const Limits limits;
  CHECK(judge("Alice", 1'000, counts(5, 20), limits).empty());
  CHECK(types(judge("Alice", 1'000, counts(6, 20), limits)) == std::vector<AlertType>{AlertType::velocity});
  CHECK(types(judge("Alice", 1'000, counts(5, 21), limits)) == std::vector<AlertType>{AlertType::burst});
  CHECK(judge("Alice", 10'000, counts(1, 1), limits).empty());
  CHECK(types(judge("Alice", 10'001, counts(1, 1), limits)) == std::vector<AlertType>{AlertType::amount});
  CHECK(judge("Alice", 10'001, counts(6, 21), limits).size() == 3);
}

TEST_CASE("Alerts say why in the words of the event shapes") {
  const Limits limits;
  const auto alerts = judge("Alice", 15'000, counts(6, 25), limits);
  REQUIRE(alerts.size() == 3);
  CHECK(alerts[0].reason == "Alice placed 6 orders in 1 minute");
  CHECK(alerts[1].reason == "25 orders in 1 minute globally");
  CHECK(alerts[2].reason == "Order total $150.00 exceeds threshold");
  CHECK(severity(alerts[0].type) == "HIGH");
  CHECK(severity(alerts[1].type) == "MEDIUM");
  CHECK(severity(alerts[2].type) == "LOW");
  Limits other;
  other.window = seconds(90);
  CHECK(judge("B", 0, counts(6, 6), other)[0].reason == "B placed 6 orders in 90 seconds");
  const auto body = [](const std::vector<Alert>& found) {
    JsonObject json;
    add_findings(json, "A\"<b>", found, counts(1, 2));
    return json.take();
  };
  const std::string windows = R"("windowStats":{"customerOrdersInWindow":1,"globalOrdersInWindow":2}})";
  CHECK(body({}) == R"({"customerName":"A\"<b>","alerts":[],)" + windows);
  CHECK(body({alerts[0], alerts[2]}) ==
        R"({"customerName":"A\"<b>","alerts":[)"
        R"({"type":"VELOCITY","reason":"Alice placed 6 orders in 1 minute","severity":"HIGH"},)"
        R"({"type":"AMOUNT","reason":"Order total $150.00 exceeds threshold","severity":"LOW"}],)" +
            windows);
}

TEST_CASE("An order placed exactly a window earlier is out, one a microsecond later is in") {
  SlidingWindow window(minutes(1));
  CHECK(*window.add(key(1), "Alice", noon) == counts(1, 1));
  CHECK(*window.add(key(2), "Alice", noon + Duration(1)) == counts(2, 2));
  CHECK(*window.add(key(3), "Alice", noon + minutes(1)) == counts(2, 2));
  CHECK(*window.add(key(4), "Bob", noon + minutes(1)) == counts(1, 3));
  window.advance(noon + minutes(1));
  CHECK(window.orders() == 3);
}

TEST_CASE("An order out of order sees only what was placed before it") {
  SlidingWindow window(minutes(1));
  window.add(key(1), "Alice", noon);
  window.add(key(2), "Alice", noon + seconds(30));
  CHECK(*window.add(key(3), "Alice", noon + seconds(10)) == counts(2, 2));
  CHECK(*window.add(key(4), "Alice", noon - seconds(50)) == counts(1, 1));
  CHECK(*window.add(key(5), "Alice", noon + seconds(30)) == counts(4, 4));  // the one of -50 s is out by now
}

TEST_CASE("The same event is counted once") {
  SlidingWindow window(minutes(1));
  CHECK(window.add(key(1), "Alice", noon));
  CHECK(!window.add(key(1), "Alice", noon + seconds(1)));
  CHECK(*window.add(key(2), "Alice", noon + seconds(2)) == counts(2, 2));
}

TEST_CASE("Windows forget orders, customers and events that they no longer need") {
  SlidingWindow window(minutes(1));
  for (int i = 0; i < 1'000; ++i) window.add(key(i), "customer " + std::to_string(i % 100), noon + milliseconds(i));
  CHECK(window.customers() == 100);
  window.advance(noon + minutes(1) + milliseconds(899));
  CHECK(window.orders() == 100);
  CHECK(window.customers() == 100);
  window.advance(noon + minutes(1) + milliseconds(998));
  CHECK(window.orders() == 1);
  CHECK(window.customers() == 1);
  window.advance(noon);  // back: nothing
  CHECK(window.orders() == 1);
  window.advance(noon + minutes(3));
  CHECK(window.orders() == 0);
  CHECK(window.customers() == 0);
  CHECK(window.add(key(1), "Alice", noon + minutes(3)));
}

TEST_CASE("A window agrees with counting by hand on a thousand random orders") {
  std::mt19937 random(3);
  SlidingWindow window(seconds(10));
  std::vector<std::pair<std::string, Timestamp>> placed;
  for (int i = 0; i < 1'000; ++i) {
    const std::string customer(1, static_cast<char>('a' + random() % 5));
    const Timestamp at = noon + milliseconds(i * 50 + static_cast<int>(random() % 2'000));
    placed.emplace_back(customer, at);
    WindowCounts expected;
    for (const auto& [who, when] : placed) {
      if (when > at || when <= at - seconds(10)) continue;
      ++expected.global_orders;
      expected.customer_orders += who == customer;
    }
    window.advance(at - seconds(3));
    REQUIRE(*window.add(key(i), customer, at) == expected);
  }
}

TEST_CASE("Records come out by time, partition and offset, once every partition is past them") {
  ReorderBuffer<int> buffer(2, milliseconds(50), 100);
  CHECK(!buffer.push(0, 5, noon + milliseconds(10), 2));
  CHECK(!buffer.push(0, 6, noon + milliseconds(200), 4));
  CHECK(!buffer.pop());  // partition 1 has not been heard of
  CHECK(!buffer.push(1, 0, noon, 1));
  CHECK(!buffer.push(1, 1, noon + milliseconds(60), 3));
  CHECK(buffer.pop() == 1);
  CHECK(!buffer.pop());  // partition 1 may still bring one of 10 ms, within the grace
  buffer.read_to_end(1, noon + milliseconds(60));
  CHECK(!buffer.pop());
  buffer.read_to_end(1, noon + milliseconds(61));
  CHECK(buffer.pop() == 2);
  buffer.read_to_end(1, noon + seconds(1));
  CHECK(buffer.pop() == 3);
  CHECK(!buffer.pop());  // partition 0 itself is not 50 ms past its last one
  buffer.read_to_end(0, Timestamp::max());
  CHECK(buffer.pop() == 4);
  CHECK(buffer.size() == 0);
}

TEST_CASE("A record before one that was given out is late and comes back at once") {
  ReorderBuffer<int> buffer(1, milliseconds(0), 100);
  buffer.push(0, 0, noon, 1);
  buffer.read_to_end(0, noon + seconds(1));
  CHECK(buffer.pop() == 1);
  CHECK(buffer.push(0, 1, noon - seconds(1), 2) == 2);
  CHECK(!buffer.push(0, 2, noon, 3));  // the same time, a higher offset
  CHECK(buffer.pop() == 3);
}

TEST_CASE("The order that comes out does not depend on how the reading was interleaved") {
  std::vector<std::vector<Timestamp>> log(3);
  std::mt19937 random(5);
  for (int i = 0; i < 300; ++i)
    log[random() % 3].push_back(noon + milliseconds(i * 7 + static_cast<int>(random() % 20)));
  const auto read = [&](std::uint32_t seed) {
    std::mt19937 pick(seed);
    ReorderBuffer<Timestamp> buffer(3, milliseconds(50), 1'000);
    std::vector<std::size_t> next(3);
    std::vector<Timestamp> out;
    while (next[0] + next[1] + next[2] < 300) {
      const std::size_t p = pick() % 3;
      for (std::size_t batch = pick() % 40; batch > 0 && next[p] < log[p].size(); --batch, ++next[p])
        REQUIRE(!buffer.push(static_cast<std::int32_t>(p), static_cast<std::int64_t>(next[p]), log[p][next[p]],
                             log[p][next[p]]));
      while (const auto item = buffer.pop()) out.push_back(*item);
    }
    for (std::int32_t p = 0; p < 3; ++p) buffer.read_to_end(p, Timestamp::max());
    while (const auto item = buffer.pop()) out.push_back(*item);
    return out;
  };
  const auto first = read(1);
  CHECK(first.size() == 300);
  CHECK(std::is_sorted(first.begin(), first.end()));
  for (std::uint32_t seed = 2; seed < 20; ++seed) CHECK(read(seed) == first);
}

TEST_CASE("When every partition is full the first record is given out early") {
  ReorderBuffer<int> buffer(2, seconds(1), 2);
  for (int i = 0; i < 2; ++i) buffer.push(0, i, noon + milliseconds(i), i);
  CHECK(buffer.full(0));
  CHECK(!buffer.pop());
  for (int i = 0; i < 2; ++i) buffer.push(1, i, noon + milliseconds(i), 10 + i);
  CHECK(buffer.pop() == 0);
  CHECK(!buffer.pop());
}
