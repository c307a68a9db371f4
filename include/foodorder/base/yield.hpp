#pragma once

#include "foodorder/base/park.hpp"
#include "foodorder/base/task.hpp"

#include <cstddef>

namespace foodorder {

/// Continues in the next pass over the ready handlers, by a post to the caller's executor. For short work that may
/// repeat at once without end.
inline auto next_pass() {
  return park<Wake>([](Waiter<Wake> waiter) { waiter.complete(Wake{}); });
}

/// Lets everything that is ready run before the caller goes on. Long work calls it before each piece of about a
/// millisecond. All long work of a loop stands in one queue, and one piece runs in each pass over what is ready: a
/// short request waits for one piece, not for all of the work that others have asked for. State that the caller has
/// read may have changed when it completes.
Task<> yield();

/// Measures out the pieces of long work.
class WorkPiece {
 public:
  static constexpr std::size_t max_bytes = 64 * 1024;
  static constexpr std::size_t record_bytes = 1024;  ///< what a record costs, however small

  /// Counts a record of `bytes`; true where it is time to yield().
  bool add(std::size_t bytes) noexcept {
    bytes_ += record_bytes + bytes;
    if (bytes_ < max_bytes) return false;
    bytes_ = 0;
    return true;
  }

 private:
  std::size_t bytes_ = 0;
};

}  // namespace foodorder
