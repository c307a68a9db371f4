#pragma once

#include "foodorder/base/time.hpp"

#include <cstdint>
#include <vector>

namespace foodorder::analytics {

/// Durations in buckets whose width grows with them: 32 to each power of two, so that a quantile is off by 3 % at
/// most, in a fixed 16 KiB (as HdrHistogram does it). Pure.
class LatencyHistogram {
 public:
  LatencyHistogram();

  /// Below zero counts as zero.
  void add(Duration duration);
  /// All that the other one holds.
  void add(const LatencyHistogram& other);

  [[nodiscard]] std::int64_t count() const noexcept { return count_; }
  [[nodiscard]] Duration mean() const noexcept;
  /// The upper bound of the bucket that holds the `fraction` quantile (0.99 for p99); zero if nothing was added.
  [[nodiscard]] Duration quantile(double fraction) const;

 private:
  std::vector<std::int64_t> buckets_;
  std::int64_t count_ = 0;
  double sum_micros_ = 0;
};

}  // namespace foodorder::analytics
