#include "rules/order_stats.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <functional>
#include <random>

using namespace foodorder;
using namespace foodorder::analytics;
using std::chrono::milliseconds;
using std::chrono::minutes;

namespace {

const Timestamp noon = *parse_iso("2026-02-05T12:00:00Z");

EventKey key(int number) { return EventKey(std::to_string(number)); }

OrderEvent event(OrderAction action, std::string item = "Pizza", std::int64_t cents = 1'299, Timestamp at = noon) {
  OrderEvent order;
  order.action = action;
  order.order.item = std::move(item);
  order.order.quantity = 2;
  order.order.price_cents = cents;
  order.timestamp = at;
  return order;
}

}  // namespace

TEST_CASE("Quantiles are off by 3 % at most, from microseconds to hours") {
  for (std::int64_t micros = 1; micros < 10'000'000'000; micros = micros * 3 / 2 + 1) {
    LatencyHistogram histogram;
    histogram.add(Duration(micros));
    const auto p99 = histogram.quantile(0.99).count();
    CHECK(p99 >= micros);
    CHECK(static_cast<double>(p99) <= static_cast<double>(micros) * 1.0313);
    CHECK(histogram.mean() == Duration(micros));
  }
  LatencyHistogram histogram;
  CHECK(histogram.quantile(0.99) == Duration::zero());
  for (int i = 0; i < 99; ++i) histogram.add(milliseconds(1));
  histogram.add(milliseconds(-5));
  histogram.add(milliseconds(500));
  CHECK(histogram.quantile(0.5) < milliseconds(2));
  CHECK(histogram.quantile(0.99) < milliseconds(2));
  histogram.add(milliseconds(500));
  CHECK(histogram.quantile(0.99) >= milliseconds(500));
}

TEST_CASE("Orders, revenue, items and outcomes are counted, and repetitions are not") {
  OrderStats stats;
  for (int repeat = 0; repeat < 2; ++repeat) {
    stats.order(key(1), event(OrderAction::created), noon);
    stats.order(key(2), event(OrderAction::created, "Soup", 500), noon);
    stats.order(key(3), event(OrderAction::updated), noon);
    stats.order(key(4), event(OrderAction::deleted), noon);
    stats.notification(key(11), key(1), "NOTIFIED", noon + milliseconds(10));
    stats.notification(key(12), key(2), "RETRY", noon);
    stats.notification(key(13), key(2), "DLQ", noon);
    stats.notification(key(14), key(3), "DROPPED", noon);
  }
  const json::object figures = stats.figures();
  CHECK(figures.at("orders").at("created").as_int64() == 2);
  CHECK(figures.at("orders").at("updated").as_int64() == 1);
  CHECK(figures.at("orders").at("deleted").as_int64() == 1);
  CHECK(figures.at("revenue").as_double() == Approx(35.98));
  CHECK(figures.at("notifications").at("retries").as_int64() == 1);
  CHECK(figures.at("notifications").at("successRate").as_double() == Approx(0.3333));
  CHECK(figures.at("timeToNotified").at("count").as_int64() == 1);
  CHECK(figures.at("timeToNotified").at("meanMs").as_double() == Approx(10));
  CHECK(figures.at("timeToNotified").at("p50Ms").as_double() == Approx(10).epsilon(0.04));
}

TEST_CASE("What an event tells of the figures is six of them, with a rate once a notification has ended") {
  OrderStats stats;
  CHECK(stats.summary() == R"({"created":0,"updated":0,"deleted":0,"revenue":0,"notified":0,"successRate":null})");
  for (int i = 1; i <= 3; ++i) stats.order(key(i), event(OrderAction::created), noon);
  stats.order(key(4), event(OrderAction::updated), noon);
  stats.order(key(5), event(OrderAction::deleted), noon);
  for (int i = 1; i <= 2; ++i) stats.notification(key(10 + i), key(i), "NOTIFIED", noon);
  stats.notification(key(13), key(3), "DLQ", noon);
  CHECK(stats.summary() ==
        R"({"created":3,"updated":1,"deleted":1,"revenue":77.94,"notified":2,"successRate":0.6667})");
}

TEST_CASE("The figures are the same whatever the order in which the two topics are read") {
  std::vector<std::function<void(OrderStats&)>> events;
  for (int i = 0; i < 200; ++i) {
    events.push_back([i](OrderStats& stats) {
      stats.order(key(i), event(OrderAction::created, "item " + std::to_string(i % 17), 100 + i, noon + minutes(i % 5)),
                  noon + milliseconds(i));
    });
    events.push_back([i](OrderStats& stats) {
      stats.notification(key(1'000 + i), key(i), i % 4 == 0 ? "DLQ" : "NOTIFIED", noon + milliseconds(3 * i));
    });
  }
  std::mt19937 random(1);
  std::string first;
  for (int run = 0; run < 10; ++run) {
    OrderStats stats;
    for (const auto& apply : events) apply(stats);
    const std::string figures = json::serialize(stats.figures());
    if (first.empty()) first = figures;
    CHECK(figures == first);
    std::shuffle(events.begin(), events.end(), random);
  }
}

TEST_CASE("What analytics remembers and tells is bounded") {
  OrderStats stats;
  for (int i = 0; i < 5'000; ++i)
    stats.order(key(i), event(OrderAction::created, "item " + std::to_string(i), 1, noon + minutes(i)), noon);
  const json::object figures = stats.figures();
  CHECK(figures.at("items").as_array().size() == 10);
  CHECK(figures.at("otherItems").as_int64() == 4'990);
  CHECK(figures.at("perMinute").as_array().size() == 10);
  CHECK(json::serialize(figures).size() < 2'000);
  PendingTimes pending(2);
  for (int i = 0; i < 3; ++i) pending.put(key(i), noon);
  CHECK(!pending.take(key(0)));
  CHECK(pending.take(key(2)));
  SeenEvents seen(2);
  CHECK(seen.insert(key(1)));
  CHECK(!seen.insert(key(1)));
  CHECK(seen.insert(key(2)));
  CHECK(seen.insert(key(3)));
  CHECK(seen.size() == 2);
  CHECK(seen.insert(key(1)));
}

TEST_CASE("The last minute holds what was notified in it, and no future") {
  OrderStats stats;
  const auto notify = [&](int number, Timestamp at, Duration after) {
    stats.order(key(number), event(OrderAction::created, "Pizza", 1'299, at), at);
    stats.notification(key(1'000 + number), key(number), "NOTIFIED", at + after);
  };
  notify(1, noon - minutes(2), milliseconds(900));
  notify(2, noon, milliseconds(10));
  notify(3, noon, milliseconds(100));
  notify(4, noon + minutes(5), milliseconds(700));
  const json::object figures = stats.last_minute(noon + milliseconds(500));
  CHECK(figures.at("count").as_int64() == 2);
  CHECK(figures.at("p50Ms").as_double() == Approx(10).epsilon(0.04));
  CHECK(figures.at("p99Ms").as_double() == Approx(100).epsilon(0.04));
}
