#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/domain/event_ids.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace foodorder::fraud {

struct WindowCounts {
  bool operator==(const WindowCounts&) const = default;

  std::int64_t customer_orders = 0;
  std::int64_t global_orders = 0;
};

/// How many orders were placed in the window that ends with an order, by its customer and over all. An order at `t`
/// sees those in (t - window, t]: one placed exactly `window` earlier is out. Memory is that of the orders inside the
/// window; an order costs the same however many customers there are. Pure.
class SlidingWindow {
 public:
  explicit SlidingWindow(Duration window) : window_(window) {}

  /// Forgets what is `window` older than `now`, and customers without orders. Going back does nothing.
  void advance(Timestamp now);

  /// Counts an order placed `at`, itself included. Nothing if the same event is in the window already.
  std::optional<WindowCounts> add(const EventKey& event, const std::string& customer, Timestamp at);

  [[nodiscard]] std::size_t orders() const noexcept { return orders_.size(); }
  [[nodiscard]] std::size_t customers() const noexcept { return customers_.size(); }

 private:
  /// One customer's orders, oldest first. The front is taken off by moving `begin`: cheap also for a customer with
  /// very many orders, small for the many with one.
  struct Times {
    void insert(Timestamp at);
    void pop_front();
    [[nodiscard]] std::int64_t count(Timestamp after, Timestamp until) const;
    [[nodiscard]] bool empty() const noexcept { return begin == times.size(); }

    std::vector<Timestamp> times;
    std::size_t begin = 0;
  };
  using Customer = std::pair<const std::string, Times>;

  struct Entry {
    Timestamp at;
    EventKey event;
    Customer* customer;  // nodes of the map stay where they are
  };

  Duration window_;
  Timestamp now_ = Timestamp::min();
  std::deque<Entry> orders_;  // by time
  std::unordered_map<std::string, Times> customers_;
  std::unordered_set<EventKey> events_;
};

}  // namespace foodorder::fraud
