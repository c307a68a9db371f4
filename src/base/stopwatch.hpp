#pragma once

#include <chrono>

namespace foodorder {

/// How long something took, for metrics only: nothing is decided by it. May be used on any thread.
class Stopwatch {
 public:
  Stopwatch() : begun_(std::chrono::steady_clock::now()) {}

  [[nodiscard]] double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun_).count();
  }

 private:
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace foodorder
