#pragma once

#include "latency_histogram.hpp"

#include <map>

namespace foodorder::analytics {

/// The durations of the last minute, by the time of their ends, in steps of 10 s. Pure.
class RecentLatencies {
 public:
  static constexpr std::size_t steps_max = 64;

  void add(Timestamp at, Duration duration) {
    steps_[std::chrono::floor<Step>(at)].add(duration);
    if (steps_.size() > steps_max) steps_.erase(steps_.begin());
  }

  /// Of the step that `now` is in and the five before it.
  [[nodiscard]] LatencyHistogram at(Timestamp now) const {
    const auto newest = std::chrono::floor<Step>(now);
    LatencyHistogram recent;
    for (auto step = steps_.upper_bound(newest - Step(6)); step != steps_.end() && step->first <= newest; ++step)
      recent.add(step->second);
    return recent;
  }

 private:
  using Step = std::chrono::duration<std::int64_t, std::ratio<10>>;

  std::map<std::chrono::sys_time<Step>, LatencyHistogram> steps_;
};

}  // namespace foodorder::analytics
