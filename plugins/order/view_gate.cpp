#include "view_gate.hpp"

namespace foodorder::order {

Task<bool> ViewGate::folded(const View& view, Position position, Duration limit) {
  const Timestamp deadline = clock_.now() + limit;
  while (view.next_offset(position.tp) <= position.offset) {
    if (clock_.now() >= deadline) co_return false;
    Clock::TimerId timer = 0;
    co_await park<Wake>([&](Waiter<Wake> waiter) {
      waiting_.push_back(waiter);
      timer = clock_.call_at(deadline, [waiter] { waiter.complete(Wake{}); });
    });
    clock_.cancel(timer);
  }
  co_return true;
}

void ViewGate::moved() {
  for (const Waiter<Wake>& waiter : std::exchange(waiting_, {})) waiter.complete(Wake{});
}

}  // namespace foodorder::order
