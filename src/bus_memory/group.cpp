#include "group.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/post.hpp>
#include <set>

namespace foodorder {

using Phase = Membership::Phase;

MemoryGroup::~MemoryGroup() {
  for (const auto& [tp, offset] : offsets_) offset->partition->log.unwatch(*offset);
}

void MemoryGroup::stop() { broker_.clock().cancel(timer_); }

// --------------------------------------------------------------------------------------------- membership

void MemoryGroup::join(const Member& member) {
  // Ids grow with the joins, so that among members of one client id the first comes first.
  member->member_id = fmt::format("{}-{:06}", member->client_id, ++joins_);
  member->phase = Phase::joining;
  member->session_ends = broker_.clock().now() + member->session_timeout;
  members_.emplace(member->member_id, member);
  prepare_rebalance();
  arm();
}

void MemoryGroup::rejoin(Membership& member) {
  release(member);
  member.phase = Phase::joining;
  complete_if_all_joined();
}

void MemoryGroup::leave(Membership& member) {
  release(member);
  remove(member);
  member.phase = Phase::outside;
}

void MemoryGroup::beat(Membership& member) const {
  member.session_ends = broker_.clock().now() + member.session_timeout;
}

/// Its partitions begin again at what is committed: what it read beyond counts as unread.
void MemoryGroup::unread_uncommitted(const Membership& member) {
  for (const OwnedPartition& owned : member.owned)
    owned.group->unread_from = member.position_in(owned.partition->log, owned.group->committed);
}

void MemoryGroup::release(Membership& member) {
  unread_uncommitted(member);
  member.owned.clear();
}

void MemoryGroup::remove(Membership& member) {
  members_.erase(member.member_id);
  if (!members_.empty()) return prepare_rebalance();
  become_empty();
}

void MemoryGroup::become_empty() {
  state_ = State::empty;
  empty_since_ = broker_.clock().now();
  broker_.clock().cancel(timer_);
  timer_ = 0;
}

void MemoryGroup::expel(Membership& member) {
  unread_uncommitted(member);
  // A member that has not received its assignment has nothing to lose.
  if (!member.owns()) member.owned.clear();
  member.phase = Phase::expelled;
  members_.erase(member.member_id);
  member.sleeper.wake();
}

// ---------------------------------------------------------------------------------------------- rebalance

void MemoryGroup::prepare_rebalance() {
  state_ = State::preparing_rebalance;
  const Timestamp now = broker_.clock().now();
  for (const auto& [id, member] : members_) {
    if (member->phase == Phase::assigned) {
      release(*member);
      member->phase = Phase::joining;
    }
    if (member->phase != Phase::owning) continue;
    member->rejoin_by = now + member->poll_interval_max;
    // An idle member that waits in next() is there already.
    member->phase = member->owned.empty() && member->in_next ? Phase::joining : Phase::revoking;
    member->sleeper.wake();
  }
  complete_if_all_joined();
  arm();
}

void MemoryGroup::complete_if_all_joined() {
  const auto joined = [](const auto& entry) { return entry.second->phase == Phase::joining; };
  if (state_ != State::preparing_rebalance || !std::all_of(members_.begin(), members_.end(), joined)) return;
  state_ = State::completing_rebalance;
  // By a post, so that members that join in the same turn make one rebalance.
  asio::post(broker_.executor(), [weak = weak_from_this()] {
    if (const auto group = weak.lock()) group->complete_rebalance();
  });
}

void MemoryGroup::complete_rebalance() {
  if (state_ != State::completing_rebalance) return;
  state_ = State::stable;
  assign();
  for (const auto& [id, member] : members_) {
    member->phase = Phase::assigned;
    member->sleeper.wake();
  }
}

void MemoryGroup::assign() {
  std::set<std::string_view> topics;
  for (const auto& [id, member] : members_) topics.insert(member->topics.begin(), member->topics.end());
  for (const std::string_view name : topics)
    if (MemoryTopic* topic = broker_.find_topic(name)) assign_topic(*topic);
}

/// Kafka's RangeAssignor: members in the order of their ids take consecutive partitions, the first ones one more.
void MemoryGroup::assign_topic(MemoryTopic& topic) {
  std::vector<Membership*> takers;
  for (const auto& [id, member] : members_)
    if (std::count(member->topics.begin(), member->topics.end(), topic.name) > 0) takers.push_back(member.get());
  const std::size_t each = topic.partitions.size() / takers.size();
  const std::size_t with_one_more = topic.partitions.size() % takers.size();
  std::size_t next = 0;
  for (std::size_t taker = 0; taker < takers.size(); ++taker) {
    Membership& member = *takers[taker];
    for (const std::size_t end = next + each + (taker < with_one_more ? 1 : 0); next < end; ++next) {
      MemoryPartition& partition = *topic.partitions[next];
      GroupOffset& offset = offset_of(partition);
      const std::int64_t position = member.position_in(partition.log, offset.committed);
      offset.unread_from = position;
      member.owned.emplace_back(partition, &offset, position);
    }
  }
}

void MemoryGroup::topics_made(const std::vector<std::string>& names) {
  const auto wanted = [&](const auto& entry) {
    const auto& topics = entry.second->topics;
    return std::find_first_of(topics.begin(), topics.end(), names.begin(), names.end()) != topics.end();
  };
  if (std::any_of(members_.begin(), members_.end(), wanted)) prepare_rebalance();
}

// ------------------------------------------------------------------------------------------------ sessions

Timestamp MemoryGroup::deadline_of(const Membership& member) noexcept {
  const bool awaited = member.phase == Phase::revoking || member.phase == Phase::revoked;
  return awaited ? std::min(member.session_ends, member.rejoin_by) : member.session_ends;
}

void MemoryGroup::arm() {
  if (members_.empty()) return;
  Timestamp due = Timestamp::max();
  for (const auto& [id, member] : members_) due = std::min(due, deadline_of(*member));
  // A timer that fires too early only looks again.
  if (timer_ != 0 && timer_due_ <= due) return;
  broker_.clock().cancel(timer_);
  timer_due_ = due;
  timer_ = broker_.clock().call_at(due, [weak = weak_from_this()] {
    if (const auto group = weak.lock()) group->on_timer();
  });
}

void MemoryGroup::on_timer() {
  timer_ = 0;
  // In the next pass of the loop: heartbeats queued behind a busy loop count first.
  asio::post(broker_.executor(), [weak = weak_from_this()] {
    if (const auto group = weak.lock()) group->expel_overdue();
  });
}

void MemoryGroup::expel_overdue() {
  const Timestamp now = broker_.clock().now();
  std::vector<Member> overdue;
  for (const auto& [id, member] : members_)
    if (deadline_of(*member) <= now) overdue.push_back(member);
  for (const Member& member : overdue) expel(*member);
  if (!overdue.empty()) {
    if (members_.empty())
      become_empty();
    else
      prepare_rebalance();
  }
  arm();
}

}  // namespace foodorder
