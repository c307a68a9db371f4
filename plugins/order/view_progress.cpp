#include "view_progress.hpp"

namespace foodorder::order {

Task<bool> ViewProgress::folded(const View& view, Position position, Duration limit) {
  const Timestamp deadline = clock_.now() + limit;
  bool in_time = true;
  while (view.next_offset(position.tp) <= position.offset) {
    if (!in_time) co_return false;
    in_time = co_await moved_.wait_until(clock_, deadline);
  }
  co_return true;
}

}  // namespace foodorder::order
