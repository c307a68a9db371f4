#pragma once

#include "foodorder/runtime/pump.hpp"

#include <map>
#include <string>
#include <vector>

namespace foodorder {

/// The state of a module as a view of the log: reads all partitions of some topics from the beginning (or from given
/// offsets) without a group, and folds every record. It never writes or commits, so a restart, a rebalance or a second
/// member does not change it.
class View {
 public:
  using Apply = std::function<void(const ConsumerRecord& record)>;
  /// Called after each batch: the view has moved.
  using Moved = std::function<void()>;
  /// A topic was deleted and made again: forget what was folded of it. The new log follows from its start.
  using Replaced = std::function<void()>;

  /// `wants`: see ConsumerSpec. `start`: next offsets for partitions that do not begin at their beginning.
  View(EventBus& bus, Clock& clock, std::string client_id, std::vector<std::string> topics, Apply apply,
       Moved moved = {}, ConsumerSpec::Wants wants = {}, std::vector<Position> start = {});

  /// Follows the log until stop(). A topic that is deleted and made again makes it throw, so that its module begins
  /// afresh, unless it was told what to do then.
  Task<> run() { return pump_.run(); }
  void on_replaced(Replaced replaced) { replaced_ = std::move(replaced); }
  void stop() { pump_.stop(); }
  void pause(bool paused) { pump_.pause(paused); }

  /// It has read up to the ends that its partitions had when it began with them.
  [[nodiscard]] bool caught_up() const noexcept { return caught_up_; }

  /// How many it reads.
  [[nodiscard]] std::size_t partitions() const noexcept { return next_.size(); }

  /// The next offset it will read of a partition; 0 if it knows none.
  [[nodiscard]] std::int64_t next_offset(const TopicPartition& partition) const;

 private:
  Task<> on_event(ConsumerEvent event);
  Task<> find_ends(std::vector<Position> assigned);
  void begin_again(const std::vector<TopicPartition>& revoked);
  void check_caught_up();

  EventBus& bus_;
  Clock& clock_;
  Apply apply_;
  Moved moved_;
  Replaced replaced_;
  std::map<TopicPartition, std::int64_t> next_;
  std::vector<Position> ends_;
  bool begun_ = false;
  bool caught_up_ = false;
  Pump pump_;  // last: its consumer goes first
};

/// For a view that needs of `audit` only the records of `source`. The view must check the source in the body: the bus
/// may leave out a record that names it in the headers alone.
ConsumerSpec::Wants only_audit_of(std::string_view source);

}  // namespace foodorder
