#pragma once

#include "foodorder/base/retry_log.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <functional>
#include <memory>

namespace foodorder {

/// Pulls a consumer until it is stopped: the loop under every module.
class Pump {
 public:
  /// One thing that next() gave, to be finished before the next one is asked for. After a Revoked with
  /// `lost == false` the partitions are still owned until it completes, and what it hands to commit() is committed.
  using OnEvent = std::function<Task<>(ConsumerEvent event)>;

  /// `consumer` is the last to be destroyed of what `on_event` uses, or it outlives it.
  Pump(std::unique_ptr<Consumer> consumer, Clock& clock, OnEvent on_event);

  /// Pulls until stop(), then closes the consumer and completes once it has left. While the bus is out of reach it
  /// tries again.
  Task<> run();

  /// Lets run() finish the event at hand, commit, close and return. Idempotent; may be called before run().
  void stop();

  /// Commits these next offsets beside what goes on: those that follow within a tenth of a second gather for the next
  /// commit, unless the pump is stopping or gives partitions back. Tried again while the bus is out of reach and the
  /// pump is not stopping, or a group whose last commit failed would show a lag until the next record comes.
  void commit(std::vector<Position> next_offsets);

  /// Paused, it reads no records but stays a member and follows rebalances.
  void pause(bool paused);

  [[nodiscard]] Consumer& consumer() noexcept { return *consumer_; }
  [[nodiscard]] const Consumer& consumer() const noexcept { return *consumer_; }
  [[nodiscard]] bool stopping() const noexcept { return stopping_; }

 private:
  Task<> pull();
  Task<> take(ConsumerEvent event);
  Task<> commit_finished();
  Task<> commit_gathered();
  void apply_pause();

  std::unique_ptr<Consumer> consumer_;
  Clock& clock_;
  OnEvent on_event_;
  std::vector<Position> finished_;  ///< to be committed
  AsyncEvent finished_event_;
  AsyncEvent committed_event_;
  AsyncEvent commit_now_;
  Timestamp next_commit_{};  ///< at the earliest
  RetryLog pulling_{"a consumer"};
  RetryLog committing_log_{"a consumer's commit"};
  bool committing_ = false;
  bool stopping_ = false;
  bool waiting_ = false;  ///< in next(), or for ever
  bool revoked_ = false;  ///< partitions go back once what is finished is committed
  bool closed_ = false;
  bool paused_ = false;
};

}  // namespace foodorder
