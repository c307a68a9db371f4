// The windows of fraud, with ever more customers who each have one order in the window. The floor is what nobody can do
// without: the time, the event's id and the customer's name in a deque, and two hash maps that know them.
//   fraud_bench [--rounds N] [--customers N] [--orders N]
// Rows: fraud.few and fraud.many, in seconds of CPU time an order with 1,000 and with N customers in the window, and
// fraud.growth, the second by the first; fraud.given_back_resident: the share of the memory that the system has back
// once the window of N orders has passed. By the allocator that the program has, where it has one of its own.
#include "measure.hpp"
#include "rules/fraud_rules.hpp"
#include "rules/sliding_window.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <fstream>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <unordered_map>
#include <unordered_set>
#include <vector>

using namespace foodorder;
using namespace foodorder::bench;
using namespace foodorder::fraud;

namespace {

constexpr Duration window = std::chrono::minutes(1);

/// Orders by turns of `customers`, so many in one window. What an order needs is made as it is wanted, on both sides.
class Orders {
 public:
  explicit Orders(std::size_t customers)
      : customers_(customers), step_(std::max(window / static_cast<std::int64_t>(customers), Duration(1))) {}

  void next() {
    ++count_;
    at_ += step_;
    customer_ = fmt::format("A customer with a name, {}", count_ * 7919 % customers_);
    event_.high = stable_hash(customer_, count_);
    event_.low = stable_hash(customer_, ~count_);
  }
  [[nodiscard]] const std::string& customer() const noexcept { return customer_; }
  [[nodiscard]] const EventKey& event() const noexcept { return event_; }
  [[nodiscard]] Timestamp at() const noexcept { return at_; }

 private:
  std::size_t customers_;
  Duration step_;
  std::size_t count_ = 0;
  Timestamp at_{std::chrono::seconds(1'770'000'000)};
  std::string customer_;
  EventKey event_;
};

class Windows {
 public:
  void add(const Orders& order) {
    window_.advance(order.at());
    const auto counts = window_.add(order.event(), order.customer(), order.at());
    alerts_ += judge(order.customer(), 2500, counts.value(), limits_).size();
  }
  void pass(Timestamp now) { window_.advance(now + window); }
  [[nodiscard]] std::size_t orders() const noexcept { return window_.orders(); }

 private:
  static Limits limits() {
    Limits limits;
    limits.burst = std::numeric_limits<std::int64_t>::max();  // with so many orders it would write an alert for each
    return limits;
  }
  Limits limits_ = limits();
  SlidingWindow window_{window};
  std::size_t alerts_ = 0;
};

class Bare {
 public:
  void add(const Orders& order) {
    for (; !entries_.empty() && entries_.front().at <= order.at() - window; entries_.pop_front()) {
      events_.erase(entries_.front().event);
      const auto found = customers_.find(entries_.front().customer);
      if (--found->second == 0) customers_.erase(found);
    }
    events_.insert(order.event());
    ++customers_[order.customer()];
    entries_.push_back(Entry{order.at(), order.event(), order.customer()});
  }

 private:
  struct Entry {
    Timestamp at;
    EventKey event;
    std::string customer;
  };
  std::deque<Entry> entries_;
  std::unordered_set<EventKey> events_;
  std::unordered_map<std::string, std::int64_t> customers_;
};

/// Seconds of CPU an order, once the window is full and each order takes one out of it. Leaves it full.
template <class Counter>
double seconds_an_order(Counter& counter, Orders& source, std::size_t customers, std::size_t orders) {
  constexpr std::size_t batch_orders = 1000;
  for (std::size_t i = 0; i < customers; ++i) {
    source.next();
    counter.add(source);
  }
  CpuTimer timer;
  std::size_t done = 0;
  for (; done < orders; done += batch_orders) {
    std::vector<Orders> batch;
    for (std::size_t i = 0; i < batch_orders; ++i) {
      source.next();
      batch.push_back(source);
    }
    timer.start();
    for (const Orders& order : batch) counter.add(order);
    timer.stop();
  }
  return timer.seconds() / static_cast<double>(done);
}

template <class Counter>
double seconds_an_order(std::size_t customers, std::size_t orders) {
  Counter counter;
  Orders source(customers);
  return seconds_an_order(counter, source, customers, orders);
}

double resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  double all_pages = 0;
  double resident_pages = 0;
  statm >> all_pages >> resident_pages;
  return resident_pages * static_cast<double>(sysconf(_SC_PAGESIZE));
}

/// What an order costs with very many customers, and what is given back when their window has passed: of all that was
/// taken since the start, what earlier rounds have left behind included.
double measure_many(std::size_t customers, std::size_t orders, double bytes_at_start) {
  Windows windows;
  Orders source(customers);
  const double seconds = seconds_an_order(windows, source, customers, orders);
  const double full = resident_bytes();
  windows.pass(source.at());
  // An allocator does not give back at once what may be wanted again, but in passing, a moment later.
  for (int moment = 0; moment < 10; ++moment) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    for (int i = 0; i < 100; ++i) {
      source.next();
      windows.add(source);
    }
    windows.pass(source.at());
  }
  const double after = resident_bytes();
  if (windows.orders() != 0) throw std::logic_error("the window has passed and still holds orders");
  print_round("fraud.given_back_resident", (full - after) / (full - bytes_at_start), 1);
  return seconds;
}

}  // namespace

int main(int count, char** arguments) {
  const double bytes_at_start = resident_bytes();
  const std::size_t rounds = argument(count, arguments, "--rounds", 3);
  const std::size_t customers = argument(count, arguments, "--customers", 1'000'000);
  const std::size_t orders = argument(count, arguments, "--orders", 200'000);
  for (std::size_t round = 0; round < rounds; ++round) {
    const double few_bare = seconds_an_order<Bare>(1000, orders);
    const double few = seconds_an_order<Windows>(1000, orders);
    print_round("fraud.few", few, few_bare);
    const double many_bare = seconds_an_order<Bare>(customers, orders);
    const double many = measure_many(customers, orders, bytes_at_start);
    print_round("fraud.many", many, many_bare);
    print_round("fraud.growth", many / few, many_bare / few_bare);
  }
}
