#pragma once

#include "foodorder/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::calls {

/// What became of the calls along one arrow.
struct CallCounts {
  std::uint64_t calls = 0;    ///< that were asked for
  std::uint64_t tries = 0;    ///< that were sent
  std::uint64_t retries = 0;  ///< of these, second ones
  std::uint64_t errors = 0;   ///< calls that were tried and failed
  std::uint64_t refused = 0;  ///< calls that ended without an answer because nothing was, or could still be, sent:
  std::uint64_t refused_by_breaker = 0;
  std::uint64_t refused_by_bulkhead = 0;
  std::uint64_t refused_by_deadline = 0;  ///< which was past before the first try
  std::uint64_t retries_refused = 0;      ///< by the budget
};

/// How long calls took: the newest of them, so that it tells of now. Refused ones do not count.
class CallTimes {
 public:
  static constexpr std::size_t times_max = 512;

  void add(Duration took);
  /// The value below which that share of the calls lies; nothing before the first.
  [[nodiscard]] std::optional<Duration> quantile(double share) const;

 private:
  std::vector<Duration> times_;
  std::size_t next_ = 0;
};

}  // namespace foodorder::calls
