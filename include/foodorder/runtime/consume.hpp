#pragma once

#include "foodorder/runtime/delivery.hpp"
#include "foodorder/runtime/pump.hpp"

#include <functional>
#include <vector>

namespace foodorder {

/// next -> handle -> send -> commit, a batch at a time, as a member of a group: for a module whose output follows
/// from the record alone. Outputs are acknowledged before the input is committed, so nothing is lost, and a crash
/// in between repeats the work, with the same event ids. The next batch does not wait for the commit.
class ConsumeLoop {
 public:
  using Handle = std::function<void(const ConsumerRecord& record, Output& output)>;

  /// `assigned` is called when this member has got more partitions.
  ConsumeLoop(EventBus& bus, Clock& clock, ConsumerSpec spec, Handle handle, std::function<void()> assigned = {});

  Task<> run();
  void stop() { pump_.stop(); }
  void pause(bool paused) { pump_.pause(paused); }

  /// Whether this member has that partition now.
  [[nodiscard]] bool owns(const TopicPartition& partition) const;

 private:
  Task<> on_event(ConsumerEvent event);

  Clock& clock_;
  Handle handle_;
  std::function<void()> assigned_;
  std::unique_ptr<Producer> producer_;
  Pump pump_;  // last: its consumer goes first
};

}  // namespace foodorder
