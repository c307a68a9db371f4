#include "planted_bus.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <set>

namespace foodorder::conformance {

namespace {

Hooks in_spec(void (*spoil)(ConsumerSpec&)) {
  Hooks hooks;
  hooks.subscribe = spoil;
  return hooks;
}

/// A bug in the rebalance events of a member.
Hooks in_event(std::function<void(ConsumerEvent&, Consumer&)> spoil_event) {
  Hooks hooks;
  hooks.event = [spoil_event](Result<ConsumerEvent>& event, Consumer& consumer) {
    if (event) spoil_event(*event, consumer);
    return true;
  };
  return hooks;
}

Hooks each_member_its_own_group() {
  return in_spec([](ConsumerSpec& spec) {
    if (spec.group) *spec.group += spec.client_id;
  });
}

Hooks one_group_for_all() {
  return in_spec([](ConsumerSpec& spec) {
    if (spec.group) spec.group = "one";
  });
}

Hooks readers_join_the_group() {
  Hooks hooks;
  hooks.subscribe = [group = std::optional<std::string>()](ConsumerSpec& spec) mutable {
    if (spec.group)
      group = spec.group;
    else
      spec.group = group;
  };
  return hooks;
}

/// Of three partitions the first range is told as the last.
Hooks ranges_from_the_end() {
  return in_event([](ConsumerEvent& event, Consumer&) {
    if (auto* assigned = std::get_if<Assigned>(&event))
      for (Position& position : assigned->positions) position.tp.partition = 2 - position.tp.partition;
  });
}

Hooks sessions_never_end() {
  return in_spec([](ConsumerSpec& spec) { spec.session_timeout = std::chrono::hours(1); });
}

Hooks crash_leaves() {
  Hooks hooks;
  hooks.crash_leaves = true;
  return hooks;
}

/// The first batch after a rebalance lacks its first record.
Hooks rebalance_loses_a_record() {
  Hooks hooks;
  auto moved = std::make_shared<std::set<const Consumer*>>();
  hooks.event = [moved](Result<ConsumerEvent>& event, Consumer& consumer) {
    if (!event) return true;
    if (std::get_if<Revoked>(&*event)) moved->insert(&consumer);
    auto* batch = std::get_if<Records>(&*event);
    if (!batch || moved->erase(&consumer) == 0) return true;
    batch->records.erase(batch->records.begin());
    return !batch->records.empty();
  };
  return hooks;
}

Hooks revocation_is_not_told() {
  Hooks hooks;
  hooks.event = [](Result<ConsumerEvent>& event, Consumer&) { return !event || !std::get_if<Revoked>(&*event); };
  return hooks;
}

Hooks revoked_may_not_commit() {
  Hooks hooks;
  auto revoked = std::make_shared<bool>(false);
  hooks.before_next = [revoked](const Consumer&) { *revoked = false; };
  hooks.event = [revoked](Result<ConsumerEvent>& event, Consumer&) {
    *revoked = event && std::get_if<Revoked>(&*event);
    return true;
  };
  hooks.commit = [revoked](std::vector<Position>&, Consumer&) -> Instead {
    if (!*revoked) return {};
    return Result<void>(Error(Errc::fenced, "a rebalance is going on"));
  };
  return hooks;
}

Hooks no_time_to_finish() {
  return in_spec([](ConsumerSpec& spec) { spec.poll_interval_max = std::chrono::milliseconds(1); });
}

Hooks unlimited_time_to_finish() {
  return in_spec([](ConsumerSpec& spec) { spec.poll_interval_max = std::chrono::hours(1); });
}

/// What is not owned is left out of a commit, and the rest is done.
Hooks commit_in_part(bool says_so) {
  Hooks hooks;
  auto left_out = std::make_shared<bool>(false);
  hooks.commit = [left_out](std::vector<Position>& positions, Consumer& consumer) -> Instead {
    const auto owned = consumer.assignment();
    *left_out = std::erase_if(positions, [&](const Position& position) {
                  return std::ranges::find(owned, position.tp, &Position::tp) == owned.end();
                }) > 0;
    return {};
  };
  hooks.after_commit = [left_out, says_so](Result<void>& result) {
    if (!*left_out) return;
    result = Result<void>();
    if (says_so) result = Error(Errc::fenced, "not the owner");
  };
  return hooks;
}

Hooks commits_what_is_not_owned() { return commit_in_part(false); }

Hooks refused_commit_is_half_done() { return commit_in_part(true); }

Hooks expelled_may_commit() {
  Hooks hooks;
  hooks.after_commit = [](Result<void>& result) {
    if (result.has_error() && result.error().code == Errc::fenced) result = Result<void>();
  };
  return hooks;
}

Hooks lost_is_told_as_revoked() {
  return in_event([](ConsumerEvent& event, Consumer&) {
    if (auto* revoked = std::get_if<Revoked>(&event)) revoked->lost = false;
  });
}

Hooks revoked_is_told_as_lost() {
  return in_event([](ConsumerEvent& event, Consumer&) {
    if (auto* revoked = std::get_if<Revoked>(&event)) revoked->lost = true;
  });
}

Hooks commit_is_forgotten() {
  Hooks hooks;
  hooks.commit = [](std::vector<Position>&, Consumer&) -> Instead { return Result<void>(); };
  return hooks;
}

Hooks commit_of_the_record_before() {
  Hooks hooks;
  hooks.commit = [](std::vector<Position>& positions, Consumer&) -> Instead {
    for (Position& position : positions) position.offset = std::max<std::int64_t>(position.offset - 1, 0);
    return {};
  };
  return hooks;
}

Hooks commit_only_goes_up() {
  Hooks hooks;
  hooks.commit = [highest = std::map<TopicPartition, std::int64_t>()](std::vector<Position>& positions,
                                                                      Consumer&) mutable -> Instead {
    for (Position& position : positions) {
      std::int64_t& known = highest[position.tp];
      known = position.offset = std::max(known, position.offset);
    }
    return {};
  };
  return hooks;
}

Hooks close_commits() {
  Hooks hooks;
  hooks.close_commits = true;
  return hooks;
}

/// What Kafka's enable.auto.commit does, at its worst.
Hooks delivery_commits() {
  Hooks hooks;
  hooks.delivery_commits = true;
  return hooks;
}

Hooks in_groups(void (*spoil)(GroupDescription&)) {
  Hooks hooks;
  hooks.groups = [spoil](std::vector<GroupDescription>& groups) { std::ranges::for_each(groups, spoil); };
  return hooks;
}

Hooks lag_is_one_off() {
  return in_groups([](GroupDescription& group) {
    for (GroupPartition& partition : group.partitions) ++partition.lag;
  });
}

Hooks nothing_committed_is_zero() {
  return in_groups([](GroupDescription& group) {
    for (GroupPartition& partition : group.partitions) partition.committed = partition.committed.value_or(0);
  });
}

Hooks groups_without_members() {
  return in_groups([](GroupDescription& group) { group.members.clear(); });
}

Hooks groups_are_always_stable() {
  return in_groups([](GroupDescription& group) { group.state = "Stable"; });
}

}  // namespace

std::vector<Bug> group_bugs() {
  return {
      {"Every member is given everything",
       each_member_its_own_group,
       {"A group splits the partitions among its members, one owner each",
        "More members than partitions leave some idle", "A record that was not committed is delivered again",
        "A member that joins takes over its share, and the other one learns of it"}},
      {"All groups are one",
       one_group_for_all,
       {"Two groups are independent", "A commit is its group's alone",
        "A replay by a fresh group touches no other group"}},
      {"A reader joins a group", readers_join_the_group, {"A reader disturbs no group"}},
      {"Ranges are assigned from the end",
       ranges_from_the_end,
       {"Partitions are assigned by ranges, the first member has one more"}},
      {"A session never runs out",
       sessions_never_end,
       {"The partitions of a crashed member go to others when its session has run out",
        "A member held up for longer than its session is expelled, fenced, and joins again"}},
      {"A destructor leaves the group",
       crash_leaves,
       {"The partitions of a crashed member go to others when its session has run out"}},
      {"A rebalance loses a record",
       rebalance_loses_a_record,
       {"Nothing is lost while members join, leave and crash", "An orderly handover doubles nothing"}},
      {"A member is not told what it loses",
       revocation_is_not_told,
       {"A member that joins takes over its share, and the other one learns of it"}},
      {"A revocation is told as a loss",
       revoked_is_told_as_lost,
       {"A member that joins takes over its share, and the other one learns of it",
        "While a revocation is pending the member may still commit"}},
      {"A commit is refused while a revocation is pending",
       revoked_may_not_commit,
       {"While a revocation is pending the member may still commit"}},
      {"A rebalance does not wait for those who finish",
       no_time_to_finish,
       {"While a revocation is pending the member may still commit"}},
      {"A rebalance waits for ever for those who do not finish",
       unlimited_time_to_finish,
       {"A member that does not call next() during a rebalance loses its place"}},
  };
}

std::vector<Bug> commit_bugs() {
  return {
      {"What is not owned can be committed",
       commits_what_is_not_owned,
       {"A commit of a lost partition is fenced and moves nothing"}},
      {"A refused commit is half done",
       refused_commit_is_half_done,
       {"A commit of a lost partition is fenced and moves nothing"}},
      {"A member that was expelled may commit",
       expelled_may_commit,
       {"A member held up for longer than its session is expelled, fenced, and joins again"}},
      {"A loss is told as a revocation",
       lost_is_told_as_revoked,
       {"A member held up for longer than its session is expelled, fenced, and joins again"}},
      {"A commit is forgotten",
       commit_is_forgotten,
       {"A record that was not committed is delivered again", "A record that was committed is not delivered again",
        "An orderly handover doubles nothing", "A commit may go back"}},
      {"A commit names the last record read, not the next to read",
       commit_of_the_record_before,
       {"A record that was committed is not delivered again", "A record that was not committed is delivered again",
        "An orderly handover doubles nothing"}},
      {"A commit never goes back", commit_only_goes_up, {"A commit may go back"}},
      {"Closing a member commits what it was given", close_commits, {"Closing a member commits nothing by itself"}},
      {"Delivery commits", delivery_commits, {"A crash commits nothing", "Closing a member commits nothing by itself"}},
      {"Lag is one too many", lag_is_one_off, {"Lag is end minus committed"}},
      {"Nothing committed is shown as 0", nothing_committed_is_zero, {"Lag is end minus committed"}},
      {"Groups are described without their members",
       groups_without_members,
       {"A group is described with its state, members and assignments"}},
      {"Every group is said to be stable",
       groups_are_always_stable,
       {"A group is described with its state, members and assignments"}},
  };
}

}  // namespace foodorder::conformance
