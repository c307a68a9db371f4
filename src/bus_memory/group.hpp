#pragma once

#include "broker.hpp"
#include "member.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace foodorder {

/// The coordinator of one consumer group: Kafka's classic protocol, eager, with range assignment (KIP-62 for sessions
/// and the poll interval). A rebalance takes all partitions back, waits until every member has rejoined or was
/// expelled, and shares them out anew.
class MemoryGroup final : public std::enable_shared_from_this<MemoryGroup> {
 public:
  using Member = std::shared_ptr<Membership>;

  MemoryGroup(MemoryBroker& broker, std::string name)
      : broker_(broker), name_(std::move(name)), empty_since_(broker.clock().now()) {}
  ~MemoryGroup();
  MemoryGroup(const MemoryGroup&) = delete;
  MemoryGroup& operator=(const MemoryGroup&) = delete;

  void join(const Member& member);
  /// Gives back what it owned.
  void rejoin(Membership& member);
  void leave(Membership& member);
  /// A heartbeat. Ignored of one that is not a member any more.
  void beat(Membership& member) const;
  Result<void> commit(Membership& member, const std::vector<Position>& next_offsets);

  /// Topics were made: members that wait for one of them get their share.
  void topics_made(const std::vector<std::string>& names);

  [[nodiscard]] bool empty() const noexcept { return members_.empty(); }
  /// The end of time while it has members.
  [[nodiscard]] Timestamp empty_since() const noexcept { return empty() ? empty_since_ : Timestamp::max(); }
  [[nodiscard]] GroupDescription describe() const;
  Result<void> reset_offsets(const std::vector<Position>& next_offsets);

  void stop();

 private:
  enum class State { empty, preparing_rebalance, completing_rebalance, stable };

  GroupOffset& offset_of(MemoryPartition& partition);
  void prepare_rebalance();
  void complete_if_all_joined();
  void complete_rebalance();
  void assign();
  void assign_topic(MemoryTopic& topic);
  void remove(Membership& member);
  void become_empty();
  void expel(Membership& member);
  void release(Membership& member);
  static void unread_uncommitted(const Membership& member);

  [[nodiscard]] static Timestamp deadline_of(const Membership& member) noexcept;
  void arm();
  void on_timer();
  void expel_overdue();

  MemoryBroker& broker_;
  const std::string name_;
  State state_ = State::empty;
  Timestamp empty_since_;
  std::uint64_t joins_ = 0;
  std::map<std::string, Member> members_;  ///< by member id
  std::map<TopicPartition, std::unique_ptr<GroupOffset>> offsets_;
  Clock::TimerId timer_ = 0;
  Timestamp timer_due_{};
};

}  // namespace foodorder
