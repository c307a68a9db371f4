#include "foodorder/base/clock.hpp"

#include "foodorder/base/park.hpp"
#include "wall_time.hpp"

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <map>

namespace foodorder {

namespace {

constexpr Duration look_interval = std::chrono::seconds(1);

class SystemClock final : public Clock {
 public:
  explicit SystemClock(const Executor& executor) : timer_(executor) {}

  Timestamp now() const override { return time_.now(wall_clock(), std::chrono::steady_clock::now()); }

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
  static Timestamp wall_clock() { return std::chrono::floor<Duration>(std::chrono::system_clock::now()); }

  void arm() {
    if (due_.empty()) return;
    // The timer sleeps with the machine: it wakes at times to see what has become due.
    const WallTime::Steady look = std::chrono::steady_clock::now() + look_interval;
    timer_.expires_at(std::min(time_.steady_at(due_.begin()->first.first), look));
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

  mutable WallTime time_{wall_clock(), std::chrono::steady_clock::now()};
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
