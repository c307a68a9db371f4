// The offsets that a MemoryGroup keeps, and its description.
#include "group.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder {

GroupOffset& MemoryGroup::offset_of(MemoryPartition& partition) {
  auto& offset = offsets_[partition.tp];
  if (!offset) {
    offset = std::make_unique<GroupOffset>(partition);
    partition.log.watch(*offset);
  }
  return *offset;
}

Result<void> MemoryGroup::commit(Membership& member, const std::vector<Position>& next_offsets) {
  for (const Position& next : next_offsets) {
    if (next.offset < 0) return Error(Errc::invalid_argument, fmt::format("offset {} is negative", next.offset));
    if (!member.owns() || !member.find(next.tp))
      return Error(Errc::fenced,
                   fmt::format("{} does not own {}-{} any more", member.client_id, next.tp.topic, next.tp.partition));
  }
  for (const Position& next : next_offsets) {
    GroupOffset& offset = *member.find(next.tp)->group;
    offset.committed = next.offset;
    // Also where the member reads elsewhere and only commits here.
    offset.unread_from = std::max(offset.unread_from, next.offset);
  }
  return {};
}

Result<void> MemoryGroup::reset_offsets(const std::vector<Position>& next_offsets) {
  for (const Position& next : next_offsets) {
    const MemoryPartition* partition = broker_.find_partition(next.tp);
    if (!partition) return Error(Errc::not_found, fmt::format("no partition {}-{}", next.tp.topic, next.tp.partition));
    const MemoryLog& log = partition->log;
    if (next.offset < log.start_offset() || next.offset > log.end_offset())
      return Error(Errc::out_of_range,
                   fmt::format("{}-{} has offsets {} to {}, not {}", next.tp.topic, next.tp.partition,
                               log.start_offset(), log.end_offset(), next.offset));
  }
  for (const Position& next : next_offsets) {
    GroupOffset& offset = offset_of(*broker_.find_partition(next.tp));
    offset.committed = offset.unread_from = next.offset;
  }
  empty_since_ = broker_.clock().now();
  return {};
}

GroupDescription MemoryGroup::describe() const {
  GroupDescription group;
  group.group = name_;
  switch (state_) {
    case State::empty:
      group.state = "Empty";
      break;
    case State::preparing_rebalance:
      group.state = "PreparingRebalance";
      break;
    case State::completing_rebalance:
      group.state = "CompletingRebalance";
      break;
    case State::stable:
      group.state = "Stable";
      break;
  }
  for (const auto& [id, member] : members_) {
    MemberDescription& shown = group.members.emplace_back();
    shown.member_id = id;
    shown.client_id = member->client_id;
    for (const OwnedPartition& owned : member->owned) shown.assignment.push_back(owned.partition->tp);
  }
  for (const auto& [tp, offset] : offsets_) {
    const MemoryLog& log = offset->partition->log;
    GroupPartition& shown = group.partitions.emplace_back();
    shown.tp = tp;
    shown.committed = offset->committed;
    shown.end_offset = log.end_offset();
    shown.lag = std::max<std::int64_t>(0, log.end_offset() - offset->committed.value_or(log.start_offset()));
    shown.removed_before_read = offset->removed_before_read;
  }
  return group;
}

}  // namespace foodorder
