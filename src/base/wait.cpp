#include "foodorder/base/wait.hpp"

namespace foodorder {

Task<> AsyncMutex::lock() {
  if (!locked_) {
    locked_ = true;
    co_return;
  }
  co_await park<Wake>([&](Waiter<Wake> waiter) { waiting_.push_back(std::move(waiter)); });
}

void AsyncMutex::unlock() {
  while (!waiting_.empty()) {
    const Waiter<Wake> next = std::move(waiting_.front());
    waiting_.pop_front();
    if (next.complete(Wake{})) return;  // it is theirs now
  }
  locked_ = false;
}

void AsyncEvent::set() {
  set_ = true;
  waiter_.complete(Wake{});
}

Task<> AsyncEvent::wait() {
  if (!set_) co_await park<Wake>([&](Waiter<Wake> waiter) { waiter_ = std::move(waiter); });
  set_ = false;
}

Task<> AsyncEvent::wait_until(Clock& clock, Timestamp when) {
  if (!set_ && clock.now() < when) {
    Clock::TimerId timer = 0;
    co_await park<Wake>([&](Waiter<Wake> waiter) {
      waiter_ = waiter;
      timer = clock.call_at(when, [waiter] { waiter.complete(Wake{}); });
    });
    clock.cancel(timer);
  }
  set_ = false;
}

Task<> Condition::wait(Waiter<Wake>* mine) {
  co_await park<Wake>([&](Waiter<Wake> waiter) { add(waiter, mine); });
}

Task<bool> Condition::wait_until(Clock& clock, Timestamp when, Waiter<Wake>* mine) {
  if (clock.now() >= when) co_return false;
  bool timed_out = false;
  Clock::TimerId timer = 0;
  co_await park<Wake>([&](Waiter<Wake> waiter) {
    add(waiter, mine);
    // The frame that holds `timed_out` is alive where complete() says true.
    timer = clock.call_at(when, [waiter, &timed_out] {
      if (waiter.complete(Wake{})) timed_out = true;
    });
  });
  clock.cancel(timer);
  co_return !timed_out;
}

void Condition::add(const Waiter<Wake>& waiter, Waiter<Wake>* mine) {
  if (mine) *mine = waiter;
  // Those whose time came, or whose coroutine is gone, make room: the list never holds many more than wait.
  if (waiting_.size() == waiting_.capacity()) {
    std::erase_if(waiting_, [](const Waiter<Wake>& other) { return !other.pending(); });
    waiting_.reserve(2 * waiting_.size() + 4);
  }
  waiting_.push_back(waiter);
}

void Condition::notify_all() {
  for (const Waiter<Wake>& waiter : std::exchange(waiting_, {})) waiter.complete(Wake{});
}

}  // namespace foodorder
