#pragma once

#include "broker.hpp"
#include "group.hpp"
#include "member.hpp"

#include <memory>
#include <optional>

namespace foodorder {

/// The state of a consumer. The frame of next() shares it, so that the consumer may be destroyed while a call is
/// parked.
class ConsumerCore final : public std::enable_shared_from_this<ConsumerCore> {
 public:
  ConsumerCore(std::shared_ptr<MemoryBroker> broker, ConsumerSpec spec);
  ~ConsumerCore();
  ConsumerCore(const ConsumerCore&) = delete;
  ConsumerCore& operator=(const ConsumerCore&) = delete;

  static Task<Result<ConsumerEvent>> next(std::shared_ptr<ConsumerCore> core);
  Result<void> commit(const std::vector<Position>& next_offsets);
  Result<void> seek(const TopicPartition& tp, Where where);
  void set_paused(const std::vector<TopicPartition>& partitions, bool paused);
  [[nodiscard]] std::vector<Position> assignment() const;
  void close();

  /// The handle is gone, by a crash: frees, and tells the coordinator nothing.
  void abandon();

 private:
  using Event = std::optional<ConsumerEvent>;
  struct InNext;

  /// Joins the group unless it is in it. A reader has none.
  Result<void> join();
  /// The event to deliver now, or nothing: then park before anything else runs.
  Event poll();
  Event poll_group();
  Event poll_reader();
  Event deliver_assigned();
  Event deliver_lost();
  Event read_batch();
  /// As many records as may wait in what is owned, or more: offsets have holes.
  [[nodiscard]] std::size_t unread_max() const;
  std::size_t read_partition(OwnedPartition& owned, std::size_t records_max, Records& batch) const;

  void begin_reading(MemoryTopic& topic);
  [[nodiscard]] std::optional<std::int64_t> wanted_start(const TopicPartition& tp) const;
  void listen();
  void unlisten();

  void start_heartbeat(const Executor& executor);
  void beat();

  const std::shared_ptr<MemoryBroker> broker_;
  const ConsumerSpec spec_;
  const std::shared_ptr<Membership> member_;  ///< of a reader: in no group, always owning
  std::shared_ptr<MemoryGroup> group_;        ///< once it has joined
  std::size_t first_partition_ = 0;           ///< the partition that the next batch begins with
  std::uint64_t topics_seen_ = 0;
  bool assigned_ = false;   ///< readers: the first Assigned was delivered
  bool delivered_ = false;  ///< the last next() gave records without a wait
  bool closed_ = false;
  bool beating_ = false;
  Executor executor_;
  Clock::TimerId heartbeat_ = 0;
};

std::unique_ptr<Consumer> make_memory_consumer(std::shared_ptr<MemoryBroker> broker, ConsumerSpec spec);

}  // namespace foodorder
