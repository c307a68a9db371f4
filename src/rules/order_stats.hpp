#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/domain/event_ids.hpp"
#include "foodorder/domain/order.hpp"
#include "latency_histogram.hpp"
#include "recent_latencies.hpp"

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>

namespace foodorder::analytics {

/// The first half of a pair that waits for the other, at most so many at a time, oldest forgotten first.
class PendingTimes {
 public:
  explicit PendingTimes(std::size_t capacity) : capacity_(capacity) {}

  void put(const EventKey& event, Timestamp time);
  std::optional<Timestamp> take(const EventKey& event);

 private:
  std::size_t capacity_;
  boost::unordered_flat_map<EventKey, Timestamp, std::hash<EventKey>> times_;
  std::deque<EventKey> order_;
};

/// The figures of all orders and notifications. The same events give the same figures in any order and however often
/// each comes, as long as a repetition comes within `seen_max` events. All that grows has a limit. Pure.
class OrderStats {
 public:
  static constexpr std::size_t seen_max = 262'144;
  static constexpr std::size_t items_max = 1'000;
  static constexpr std::size_t items_shown = 10;
  static constexpr std::size_t minutes_max = 60;

  /// A first delivery on `orders`; `logged_at` is its ce_time.
  void order(const EventKey& event, const OrderEvent& order, Timestamp logged_at);

  /// A record of the notification service on `audit`: `action` is NOTIFIED, RETRY, DLQ or DROPPED, others count for
  /// nothing; `cause` is the order event that it tells of.
  void notification(const EventKey& event, const EventKey& cause, std::string_view action, Timestamp logged_at);

  /// {orders: {created, updated, deleted}, revenue, items: [{item, orders}], otherItems, perMinute: [{minute, orders}],
  /// notifications: {notified, retries, deadLettered, dropped, successRate}, timeToNotified: {count, meanMs, p50Ms,
  /// p99Ms}}.
  [[nodiscard]] json::object figures() const;
  /// What an event tells of them: the JSON of {created, updated, deleted, revenue, notified, successRate}.
  [[nodiscard]] std::string summary() const;
  /// {count, p50Ms, p99Ms} of the time to NOTIFIED in the last minute.
  [[nodiscard]] json::object last_minute(Timestamp now) const;

 private:
  [[nodiscard]] json::array top_items() const;
  [[nodiscard]] std::int64_t count(OrderAction action) const { return by_action_[static_cast<std::size_t>(action)]; }
  /// Null before the first notification has ended.
  [[nodiscard]] json::value success_rate() const;
  void took(Timestamp ordered_at, Timestamp notified_at);

  SeenEvents seen_{seen_max};
  std::array<std::int64_t, 3> by_action_{};
  std::int64_t revenue_cents_ = 0;
  std::map<std::string, std::int64_t, std::less<>> by_item_;
  std::int64_t other_items_ = 0;
  std::map<std::chrono::sys_time<std::chrono::minutes>, std::int64_t> per_minute_;
  std::int64_t notified_ = 0;
  std::int64_t retries_ = 0;
  std::int64_t dead_lettered_ = 0;
  std::int64_t dropped_ = 0;
  // Two topics have no common order: either half of a pair may be read first.
  PendingTimes unnotified_{seen_max};
  PendingTimes unordered_{seen_max};
  LatencyHistogram to_notified_;
  RecentLatencies recent_;
};

}  // namespace foodorder::analytics
