#include "foodorder/base/clock.hpp"

#include "foodorder/base/park.hpp"

#include <boost/asio/steady_timer.hpp>
#include <map>

namespace foodorder {

namespace {

class SystemClock final : public Clock {
 public:
  explicit SystemClock(const Executor& executor) : timer_(executor) {}

  Timestamp now() const override { return start_ + since_start(); }

  TimerId call_at(Timestamp when, std::function<void()> callback) override {
    const TimerId id = ++last_id_;
    const auto place = due_.emplace(std::pair(when, id), std::move(callback)).first;
    when_.emplace(id, when);
    if (place == due_.begin()) arm();
    return id;
  }

  void cancel(TimerId timer) override {
    const auto found = when_.find(timer);
    if (found == when_.end()) return;
    due_.erase(std::pair(found->second, timer));
    when_.erase(found);
  }

 private:
  Duration since_start() const {
    return std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - steady_start_);
  }

  void arm() {
    if (due_.empty()) return;
    timer_.expires_at(steady_start_ + (due_.begin()->first.first - start_));
    timer_.async_wait([this](boost::system::error_code error) {
      if (!error) fire();
    });
  }

  void fire() {
    while (!due_.empty() && due_.begin()->first.first <= now()) {
      auto node = due_.extract(due_.begin());
      when_.erase(node.key().second);
      node.mapped()();
    }
    arm();
  }

  // The wall clock is read once; from then on steady time moves it, so that it never goes back.
  const Timestamp start_ = std::chrono::floor<Duration>(std::chrono::system_clock::now());
  const std::chrono::steady_clock::time_point steady_start_ = std::chrono::steady_clock::now();
  std::map<std::pair<Timestamp, TimerId>, std::function<void()>> due_;
  std::unordered_map<TimerId, Timestamp> when_;
  TimerId last_id_ = 0;
  asio::steady_timer timer_;
};

}  // namespace

Task<> sleep_for(Clock& clock, Duration duration) {
  co_await park<Wake>(
      [&](Waiter<Wake> waiter) { clock.call_at(clock.now() + duration, [waiter] { waiter.complete(Wake{}); }); });
}

std::unique_ptr<Clock> make_system_clock(const Executor& executor) { return std::make_unique<SystemClock>(executor); }

}  // namespace foodorder
