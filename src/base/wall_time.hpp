#pragma once

#include "foodorder/base/time.hpp"

#include <chrono>

namespace foodorder {

/// UTC that never goes back: the wall clock as it was read first, moved on by steady time. Steady time stands still
/// while the machine sleeps (CLOCK_MONOTONIC), so where the wall clock is ahead by more than `ahead_max` it is
/// followed.
class WallTime {
 public:
  using Steady = std::chrono::steady_clock::time_point;

  static constexpr Duration ahead_max = std::chrono::seconds(1);

  WallTime(Timestamp wall, Steady steady) : start_(wall), steady_start_(steady) {}

  /// The time when the two clocks show this.
  Timestamp now(Timestamp wall, Steady steady) {
    const Timestamp derived = start_ + std::chrono::floor<Duration>(steady - steady_start_);
    if (wall - derived <= ahead_max) return derived;
    start_ += wall - derived;
    return wall;
  }

  /// What steady time shows at `time`, if the machine does not sleep before.
  [[nodiscard]] Steady steady_at(Timestamp time) const { return steady_start_ + (time - start_); }

 private:
  Timestamp start_;
  Steady steady_start_;
};

}  // namespace foodorder
