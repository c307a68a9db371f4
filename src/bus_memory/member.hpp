#pragma once

#include "topic.hpp"

#include <optional>
#include <string>
#include <vector>

namespace foodorder {

/// What a group knows of one partition. It stays with the group when members go.
struct GroupOffset : ReadMark {
  explicit GroupOffset(MemoryPartition& where) : partition(&where) {}

  MemoryPartition* partition;
  std::optional<std::int64_t> committed;
};

struct OwnedPartition {
  OwnedPartition(MemoryPartition& what, GroupOffset* in_group, std::int64_t at)
      : partition(&what), group(in_group), position(at) {}

  MemoryPartition* partition;
  GroupOffset* group;  ///< none for a reader without a group
  std::int64_t position;
  bool paused = false;
};

/// A member as the coordinator and its consumer see it. They share it, so that each survives the other's end.
struct Membership {
  enum class Phase {
    outside,   ///< not in the group
    joining,   ///< has (re)joined and waits for the others
    assigned,  ///< an assignment waits to be delivered
    owning,    ///< knows its partitions (maybe none) and reads
    revoking,  ///< a rebalance has begun; Revoked waits to be delivered
    revoked,   ///< Revoked was delivered; owns until it calls next() again
    expelled,  ///< the coordinator has expelled it; the loss waits to be delivered
  };

  explicit Membership(const ConsumerSpec& spec)
      : client_id(spec.client_id),
        topics(spec.topics),
        offset_reset(spec.offset_reset),
        session_timeout(spec.session_timeout),
        poll_interval_max(spec.poll_interval_max) {}

  /// From receiving an assignment until giving it back.
  [[nodiscard]] bool owns() const noexcept {
    return phase == Phase::owning || phase == Phase::revoking || phase == Phase::revoked;
  }
  [[nodiscard]] OwnedPartition* find(const TopicPartition& tp) noexcept {
    for (OwnedPartition& one : owned)
      if (one.partition->tp == tp) return &one;
    return nullptr;
  }
  /// Where a partition begins, or goes on when its position is not in the log (any more).
  [[nodiscard]] std::int64_t reset_position(const MemoryLog& log) const noexcept {
    return offset_reset == ConsumerSpec::OffsetReset::earliest ? log.start_offset() : log.end_offset();
  }
  [[nodiscard]] std::int64_t position_in(const MemoryLog& log, std::optional<std::int64_t> wanted) const noexcept {
    const bool there = wanted && *wanted >= log.start_offset() && *wanted <= log.end_offset();
    return there ? *wanted : reset_position(log);
  }

  const std::string client_id;
  const std::vector<std::string> topics;
  const ConsumerSpec::OffsetReset offset_reset;
  const Duration session_timeout;
  const Duration poll_interval_max;

  std::string member_id;
  Phase phase = Phase::outside;
  bool in_next = false;  ///< a call of next() has not returned
  std::vector<OwnedPartition> owned;
  Timestamp session_ends{};
  Timestamp rejoin_by{};  ///< while a rebalance waits for it
  Sleeper sleeper;
};

}  // namespace foodorder
