#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

// A bus that is right, spoiled in one place. Each planted bug fills in the few hooks that it needs; what has no hook
// passes unchanged.

namespace foodorder::conformance {

/// What stands in for a call's result; nothing lets the call go on to the bus.
using Instead = std::optional<Result<void>>;

struct Hooks {
  // Producing. A single send passes as a batch of one.
  std::function<void(ProducerSpec&)> producer;
  std::function<void(std::vector<ProducerRecord>&)> before_send;
  std::function<void(std::vector<Result<Position>>&)> after_send;
  bool producer_ignores_close = false;

  // Consuming. Consumers are known by the address of the one that they stand before.
  std::function<void(ConsumerSpec&)> subscribe;
  std::function<void(const Consumer&)> before_next;
  /// False: the consumer never sees this event.
  std::function<bool(Result<ConsumerEvent>&, Consumer&)> event;
  std::function<Instead(std::vector<Position>&, Consumer&)> commit;
  std::function<void(Result<void>&)> after_commit;
  std::function<Instead(TopicPartition&, Where&)> seek;
  std::function<void(Result<void>&)> after_seek;
  std::function<bool(const std::vector<TopicPartition>&)> pause;  ///< false: it does nothing
  std::function<bool(const std::vector<TopicPartition>&)> resume;
  std::function<void(std::vector<Position>&)> assignment;
  bool consumer_ignores_close = false;
  bool close_commits = false;
  bool delivery_commits = false;
  bool crash_leaves = false;

  // Admin.
  std::function<Instead(std::vector<TopicSpec>&)> ensure_topics;
  std::function<void(Result<void>&)> after_ensure_topics;
  std::function<void(std::vector<TopicDescription>&)> topics;
  std::function<void(std::vector<GroupDescription>&)> groups;
  std::function<void(Where&)> resolve;
  std::function<void(std::vector<Position>&)> resolved;
  std::function<Instead(const std::string& group)> reset_offsets;
  std::function<void(Result<void>&)> after_reset_offsets;
  std::function<Instead()> delete_group;
  std::function<void(ReadLimits&)> read;
  std::function<void(ReadPage&)> page;
  std::function<void(Result<Compaction>&)> after_compact;
  std::function<void(std::vector<TopicSetting>&)> topic_settings;
  std::function<void(std::string&)> log_id;
};

struct Bug {
  std::string_view name;  ///< a sentence that says what is wrong
  Hooks (*plant)();
  /// The cases that have to fail, each of them.
  std::vector<std::string_view> caught_by;
};

/// Gives `produced` a copy of its record that nobody else has, to be spoiled.
inline Record& own_record(ProducerRecord& produced) {
  auto copy = std::make_shared<Record>(*produced.record);
  produced.record = copy;
  return *copy;
}

std::vector<Bug> producing_bugs();
std::vector<Bug> record_bugs();
std::vector<Bug> consuming_bugs();
std::vector<Bug> position_bugs();
std::vector<Bug> group_bugs();
std::vector<Bug> commit_bugs();
std::vector<Bug> log_bugs();
std::vector<Bug> topic_bugs();

/// `bus` with these hooks. What a crashed consumer does against the rules it does on `executor`.
std::unique_ptr<EventBus> make_planted_bus(std::unique_ptr<EventBus> bus, Hooks hooks, Executor executor);

}  // namespace foodorder::conformance
