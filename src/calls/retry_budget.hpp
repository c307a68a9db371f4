#pragma once

#include "foodorder/base/time.hpp"

#include <array>
#include <cstdint>

namespace foodorder::calls {

/// How many retries a client may add to its calls, so that retries never multiply the load of a service that fails: a
/// share of the calls of the last 10 s, and a few per second for clients that call rarely (Beyer et al.: Site
/// Reliability Engineering, 2016, chapter 21, "per-client retry budget"; the constant part as in Finagle's
/// RetryBudget). Pure.
class RetryBudget {
 public:
  struct Spec {
    double share = 0.2;
    double per_second = 3;
  };

  explicit RetryBudget(const Spec& spec) : spec_(spec) {}

  void count_call(Timestamp now);
  /// True, and it is spent, if one more retry is within the budget.
  bool take(Timestamp now);

 private:
  static constexpr std::int64_t window_seconds = 10;

  struct Second {
    std::int64_t second = -1;
    std::int64_t calls = 0;
    std::int64_t retries = 0;
  };

  Second& at(Timestamp now);

  const Spec spec_;
  std::array<Second, window_seconds> seconds_{};
};

}  // namespace foodorder::calls
