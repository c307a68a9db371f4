#pragma once

#include "foodorder/base/wait.hpp"
#include "memory_bus.hpp"
#include "topic.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder {

class MemoryGroup;

/// What producers share with their records on the way: it outlives a producer that crashed.
struct ProducerState {
  std::size_t in_flight = 0;
  bool closed = false;
  Condition done;  ///< nothing is in flight any more
};

/// The records of one send() or send_all(), on their way to their logs.
struct SendBatch {
  SendBatch(std::shared_ptr<ProducerState> state, std::size_t records) : producer(std::move(state)) {
    taken.reserve(records);
    results.reserve(records);
  }

  /// A record that was not refused.
  struct Taken {
    MemoryPartition* partition;
    std::shared_ptr<const Record> record;
    std::size_t index;  ///< in `results`
  };

  const std::shared_ptr<ProducerState> producer;
  std::vector<Taken> taken;               ///< empty once they are appended
  std::vector<Result<Position>> results;  ///< of those in `taken` without their offsets
  Waiter<Wake> waiter;
};

/// What the parts of one memory bus share: topics, groups, appends and housekeeping. Producers and consumers hold it,
/// so that frames destroyed late find it alive; closures in the clock and the loop hold it weakly.
class MemoryBroker final : public std::enable_shared_from_this<MemoryBroker> {
 public:
  MemoryBroker(Executor executor, Clock& clock, MemoryBusOptions options);
  ~MemoryBroker();
  MemoryBroker(const MemoryBroker&) = delete;
  MemoryBroker& operator=(const MemoryBroker&) = delete;

  [[nodiscard]] Clock& clock() const noexcept { return clock_; }
  [[nodiscard]] const Executor& executor() const noexcept { return executor_; }
  [[nodiscard]] const std::string& log_id() const noexcept { return options_.log_id; }

  [[nodiscard]] const auto& topics() const noexcept { return topics_; }
  [[nodiscard]] MemoryTopic* find_topic(std::string_view name) const;
  [[nodiscard]] MemoryPartition* find_partition(const TopicPartition& tp) const;
  Result<void> ensure_topics(const std::vector<TopicSpec>& specs);
  /// Moves on with each topic that is made, for consumers that wait for theirs.
  [[nodiscard]] std::uint64_t topics_version() const noexcept { return topics_version_; }

  /// All that are not due to be forgotten.
  [[nodiscard]] const std::map<std::string, std::shared_ptr<MemoryGroup>>& groups();
  [[nodiscard]] MemoryGroup* find_group(const std::string& name);
  /// That group, made if need be. Errors: queue_full.
  Result<std::shared_ptr<MemoryGroup>> group(const std::string& name);
  void remove_group(const std::string& name);

  /// Readers without a group that want to hear of new topics.
  void add_reader(Sleeper& reader) { readers_.push_back(&reader); }
  void remove_reader(const Sleeper& reader) { std::erase(readers_, &reader); }

  /// Appends at the next turn of the loop, in the order of the calls.
  void append(std::shared_ptr<SendBatch> batch);

  /// Compacts all partitions of a topic, in slices; tells what went meanwhile.
  Task<Compaction> compact(MemoryTopic& topic);

  /// Cancels all timers: the clock may go.
  void stop();

 private:
  bool forget_oldest_empty_group();
  Result<std::vector<std::unique_ptr<MemoryTopic>>> new_topics(const std::vector<TopicSpec>& specs) const;
  void drain();
  void append_now(SendBatch& batch, Timestamp now);
  void housekeeping();
  void arm_housekeeping();
  void arm_housekeeping(Timestamp due);

  const Executor executor_;
  Clock& clock_;
  const MemoryBusOptions options_;
  std::map<std::string, std::unique_ptr<MemoryTopic>, std::less<>> topics_;
  std::map<std::string, std::shared_ptr<MemoryGroup>> groups_;
  std::vector<Sleeper*> readers_;
  std::uint64_t topics_version_ = 0;
  std::vector<std::shared_ptr<SendBatch>> pending_;
  std::vector<std::shared_ptr<SendBatch>> draining_;
  Clock::TimerId housekeeping_ = 0;
  Timestamp housekeeping_due_{};
  bool stopped_ = false;
};

}  // namespace foodorder
