#include "sliding_window.hpp"

#include <algorithm>

namespace foodorder::fraud {

void SlidingWindow::Times::insert(Timestamp at) {
  times.insert(std::upper_bound(times.begin() + static_cast<std::ptrdiff_t>(begin), times.end(), at), at);
}

void SlidingWindow::Times::pop_front() {
  ++begin;
  if (begin < 16 || begin * 2 < times.size()) return;
  times.erase(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(begin));
  begin = 0;
}

std::int64_t SlidingWindow::Times::count(Timestamp after, Timestamp until) const {
  const auto first = times.begin() + static_cast<std::ptrdiff_t>(begin);
  return std::upper_bound(first, times.end(), until) - std::upper_bound(first, times.end(), after);
}

void SlidingWindow::advance(Timestamp now) {
  if (now <= now_) return;
  now_ = now;
  while (!orders_.empty() && orders_.front().at <= now - window_) {
    const Entry& oldest = orders_.front();
    oldest.customer->second.pop_front();  // a customer's oldest order is the oldest of all first
    if (oldest.customer->second.empty()) customers_.erase(customers_.find(oldest.customer->first));
    events_.erase(oldest.event);
    orders_.pop_front();
  }
  if (orders_.empty()) {  // their tables are as large as they ever had to be
    customers_.rehash(0);
    events_.rehash(0);
  }
}

std::optional<WindowCounts> SlidingWindow::add(const EventKey& event, const std::string& customer, Timestamp at) {
  if (!events_.insert(event).second) return {};
  const auto later = [](Timestamp time, const Entry& entry) { return time < entry.at; };
  Customer& whose = *customers_.try_emplace(customer).first;
  whose.second.insert(at);
  const auto place = std::upper_bound(orders_.begin(), orders_.end(), at, later);
  const auto added = orders_.insert(place, Entry{at, event, &whose});
  const auto oldest = std::upper_bound(orders_.begin(), orders_.end(), at - window_, later);
  WindowCounts counts;
  counts.customer_orders = whose.second.count(at - window_, at);
  counts.global_orders = added - oldest + 1;
  return counts;
}

}  // namespace foodorder::fraud
