#include "retry_budget.hpp"

namespace foodorder::calls {

namespace {

std::int64_t second_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

}  // namespace

RetryBudget::Second& RetryBudget::at(Timestamp now) {
  const std::int64_t second = second_of(now);
  Second& found = seconds_[static_cast<std::size_t>(second % window_seconds)];
  if (found.second != second) found = Second{second};
  return found;
}

void RetryBudget::count_call(Timestamp now) { ++at(now).calls; }

bool RetryBudget::take(Timestamp now) {
  const std::int64_t oldest = second_of(now) - window_seconds + 1;
  std::int64_t calls = 0;
  std::int64_t retries = 0;
  for (const Second& each : seconds_) {
    if (each.second < oldest) continue;
    calls += each.calls;
    retries += each.retries;
  }
  const double allowed =
      spec_.share * static_cast<double>(calls) + spec_.per_second * static_cast<double>(window_seconds);
  if (static_cast<double>(retries + 1) > allowed) return false;
  ++at(now).retries;
  return true;
}

}  // namespace foodorder::calls
