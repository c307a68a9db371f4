#pragma once

#include "foodorder/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace foodorder::calls {

/// Seeded chance: the standard defines the engine's numbers, but not those of its distributions.
class Jitter {
 public:
  explicit Jitter(std::uint64_t seed) : engine_(seed) {}

  /// The pause before retry number `retry`, from 0: anything from nothing to the whole backoff, which doubles with each
  /// ("full jitter"; Brooker: Exponential Backoff and Jitter, AWS Architecture Blog, 2015). So clients that failed
  /// together do not come back together.
  Duration pause(int retry, Duration base, Duration max) {
    const Duration whole = std::min(max, base * (std::int64_t{1} << std::min(retry, 20)));
    return Duration(static_cast<std::int64_t>(draw() * static_cast<double>(whole.count())));
  }

  /// True that often, of 1.
  bool chance(double probability) { return probability > 0 && draw() < probability; }

 private:
  double draw() { return static_cast<double>(engine_() >> 11U) * 0x1.0p-53; }

  std::mt19937_64 engine_;
};

}  // namespace foodorder::calls
