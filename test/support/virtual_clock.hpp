#pragma once

#include "foodorder/base/clock.hpp"

#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

namespace foodorder {

/// Time that stands still until a test moves it.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Timestamp start = Timestamp(std::chrono::seconds(1'770'000'000))) : now_(start) {}

  Timestamp now() const override { return now_; }

  TimerId call_at(Timestamp when, std::function<void()> callback) override {
    due_.emplace(std::pair(when, ++last_id_), std::move(callback));
    when_.emplace(last_id_, when);
    return last_id_;
  }

  void cancel(TimerId timer) override {
    const auto found = when_.find(timer);
    if (found == when_.end()) return;
    due_.erase(std::pair(found->second, timer));
    when_.erase(found);
  }

  /// When the next timer is due; nothing if there is none.
  [[nodiscard]] std::optional<Timestamp> next_due() const {
    return due_.empty() ? std::nullopt : std::optional(due_.begin()->first.first);
  }

  /// Moves time to the next timer and calls it. There must be one.
  void fire_next() {
    auto timer = due_.extract(due_.begin());
    now_ = std::max(now_, timer.key().first);
    when_.erase(timer.key().second);
    timer.mapped()();
  }

  /// Moves time on and calls what falls due, each at its own time.
  void advance(Duration duration) {
    const Timestamp end = now_ + duration;
    while (!due_.empty() && due_.begin()->first.first <= end) fire_next();
    now_ = end;
  }

 private:
  Timestamp now_;
  TimerId last_id_ = 0;
  std::map<std::pair<Timestamp, TimerId>, std::function<void()>> due_;
  std::unordered_map<TimerId, Timestamp> when_;
};

}  // namespace foodorder
