#include "foodorder/base/wait.hpp"

namespace foodorder {

Task<> Turn::take() {
  if (!taken_) {
    taken_ = true;
    co_return;
  }
  co_await park<Wake>([&](Waiter<Wake> waiter) { waiting_.push_back(std::move(waiter)); });
}

void Turn::give() {
  while (!waiting_.empty()) {
    const Waiter<Wake> next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.complete(Wake{})) return;  // it is theirs now
  }
  taken_ = false;
}

void Bell::ring() {
  rung_ = true;
  waiter_.complete(Wake{});
}

Task<> Bell::wait() {
  if (!rung_) co_await park<Wake>([&](Waiter<Wake> waiter) { waiter_ = std::move(waiter); });
  rung_ = false;
}

Task<> Bell::wait_until(Clock& clock, Timestamp when) {
  if (!rung_ && clock.now() < when) {
    Clock::TimerId timer = 0;
    co_await park<Wake>([&](Waiter<Wake> waiter) {
      waiter_ = waiter;
      timer = clock.call_at(when, [waiter] { waiter.complete(Wake{}); });
    });
    clock.cancel(timer);
  }
  rung_ = false;
}

}  // namespace foodorder
