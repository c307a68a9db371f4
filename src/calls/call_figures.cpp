#include "call_figures.hpp"

#include <algorithm>

namespace foodorder::calls {

void CallTimes::add(Duration took) {
  if (times_.size() < times_max)
    times_.push_back(took);
  else
    times_[next_] = took;
  next_ = (next_ + 1) % times_max;
}

std::optional<Duration> CallTimes::quantile(double share) const {
  if (times_.empty()) return {};
  std::vector<Duration> sorted = times_;
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(sorted.size()));
  const auto at = sorted.begin() + static_cast<std::ptrdiff_t>(std::min(rank, sorted.size() - 1));
  std::nth_element(sorted.begin(), at, sorted.end());
  return *at;
}

}  // namespace foodorder::calls
