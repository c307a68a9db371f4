#pragma once

#include "foodorder/base/clock.hpp"

#include <map>
#include <utility>

namespace foodorder {

/// Time that stands still until a test moves it.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Timestamp start = Timestamp(std::chrono::seconds(1'770'000'000))) : now_(start) {}

  Timestamp now() const override { return now_; }

  TimerId call_at(Timestamp when, std::function<void()> callback) override {
    due_.emplace(std::pair(when, ++last_id_), std::move(callback));
    return last_id_;
  }

  void cancel(TimerId timer) override {
    std::erase_if(due_, [&](const auto& entry) { return entry.first.second == timer; });
  }

  /// Moves time on and calls what falls due, each at its own time.
  void advance(Duration duration) {
    const Timestamp end = now_ + duration;
    while (!due_.empty() && due_.begin()->first.first <= end) {
      const auto timer = due_.extract(due_.begin());
      now_ = std::max(now_, timer.key().first);
      timer.mapped()();
    }
    now_ = end;
  }

 private:
  Timestamp now_;
  TimerId last_id_ = 0;
  std::map<std::pair<Timestamp, TimerId>, std::function<void()>> due_;
};

}  // namespace foodorder
