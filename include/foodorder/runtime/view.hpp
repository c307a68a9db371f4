#pragma once

#include "foodorder/runtime/pump.hpp"

#include <map>
#include <string>
#include <vector>

namespace foodorder {

/// What a module remembers is a view of the log: this reads topics from the beginning (or from given offsets), all
/// partitions, without a group, and folds every record. It never writes and never commits, so a restart, a
/// rebalance or a second member changes nothing in it.
class View {
 public:
  using Apply = std::function<void(const ConsumerRecord& record)>;
  /// Called after each batch: the view has moved.
  using Moved = std::function<void()>;

  /// `start`: next offsets for partitions that do not begin at their beginning.
  View(EventBus& bus, Clock& clock, std::string client_id, std::vector<std::string> topics, Apply apply,
       Moved moved = {}, std::vector<Position> start = {});

  /// Follows the log until stop().
  Task<> run();
  void stop() { pump_.stop(); }
  void pause(bool paused) { pump_.pause(paused); }

  /// It has read up to the ends that its topics had when it began.
  [[nodiscard]] bool caught_up() const noexcept { return caught_up_; }

  /// The next offset it will read of a partition; 0 if it knows none.
  [[nodiscard]] std::int64_t next_offset(const TopicPartition& partition) const;

 private:
  Task<> find_ends();
  Task<> on_event(ConsumerEvent event);
  void check_caught_up();

  EventBus& bus_;
  Clock& clock_;
  std::vector<std::string> topics_;
  Apply apply_;
  Moved moved_;
  std::map<TopicPartition, std::int64_t> next_;
  std::vector<Position> ends_;
  bool ends_known_ = false;
  bool caught_up_ = false;
  Pump pump_;  // last: its consumer goes first
};

}  // namespace foodorder
