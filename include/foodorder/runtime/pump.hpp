#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <functional>
#include <memory>

namespace foodorder {

/// Pulls a consumer until it is stopped: the loop under every module.
class Pump {
 public:
  /// One thing that next() gave, to be finished before the next one is asked for. After a Revoked with
  /// `lost == false` the partitions are still owned until it completes.
  using OnEvent = std::function<Task<>(ConsumerEvent event)>;

  /// `consumer` is the last to be destroyed of what `on_event` uses, or it outlives it.
  Pump(std::unique_ptr<Consumer> consumer, Clock& clock, OnEvent on_event);

  /// Pulls until stop(), then closes the consumer and completes once it has left. While the bus is out of reach it
  /// tries again.
  Task<> run();

  /// Lets run() finish the event at hand, close and return. Idempotent; may be called before run().
  void stop();

  /// Paused, it reads no records but stays a member and follows rebalances.
  void pause(bool paused);

  [[nodiscard]] Consumer& consumer() noexcept { return *consumer_; }
  [[nodiscard]] const Consumer& consumer() const noexcept { return *consumer_; }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }

 private:
  void apply_pause();

  std::unique_ptr<Consumer> consumer_;
  Clock& clock_;
  OnEvent on_event_;
  Executor executor_;
  bool stopping_ = false;
  bool waiting_ = false;
  bool paused_ = false;
};

}  // namespace foodorder
