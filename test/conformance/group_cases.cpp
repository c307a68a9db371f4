#include "member.hpp"

#include <algorithm>

// Consumer groups at rest: who owns what, and what a group has to do with another (nothing).

namespace foodorder::conformance {

namespace {

using Members = std::vector<std::unique_ptr<Member>>;

/// How many partitions each owns, most first.
std::vector<std::size_t> shares(const Members& members) {
  std::vector<std::size_t> counts;
  for (const auto& member : members) counts.push_back(member->owned().size());
  std::ranges::sort(counts, std::greater());
  return counts;
}

Ownership owned_by(const Members& members) {
  std::vector<const Member*> all;
  for (const auto& member : members) all.push_back(member.get());
  return ownership(all);
}

Task<> splits_partitions(World& world) {
  const std::string topic = co_await world.topic(4);
  const std::string group = world.name("group");
  Members members;
  for (int i = 0; i < 2; ++i)
    members.push_back(std::make_unique<Member>(world, world.member_of(group, topic), Member::Commits::by_batch));
  const std::vector<std::size_t> fair{2, 2};
  const bool split = co_await world.eventually([&] { return shares(members) == fair; });
  world.report.expect(split, "Each of two members owns two of four partitions");
  const Ownership all = owned_by(members);
  world.report.equal(all.shared, std::optional<TopicPartition>(), "A partition with two owners");
  world.report.equal(all.owned.size(), 4U, "Partitions that somebody owns");

  for (std::int32_t partition = 0; partition < 4; ++partition) co_await world.send_numbers(topic, 10, partition);
  const bool read =
      co_await world.eventually([&] { return members[0]->records.size() >= 20 && members[1]->records.size() >= 20; });
  world.report.expect(read, "Each is given the records of its partitions");
  for (const auto& member : members)
    for (const ConsumerRecord& record : member->records)
      world.report.expect(member->owned().contains(record.position.tp), "A member gets records of what it owns only");
}

Task<> range_assignment(World& world) {
  const std::string topic = co_await world.topic(3);
  const std::string group = world.name("group");
  Members members;
  for (int i = 0; i < 2; ++i) members.push_back(std::make_unique<Member>(world, world.member_of(group, topic)));
  const std::vector<std::size_t> ranges{2, 1};
  const bool split = co_await world.eventually([&] { return shares(members) == ranges; });
  world.report.need(split, "Of three partitions one member owns two and the other one");
  const auto& larger =
      *std::ranges::max_element(members, {}, [](const auto& member) { return member->owned().size(); });
  world.report.expect(larger->owns(topic, 0) && larger->owns(topic, 1), "The larger share is the first range");
}

Task<> more_members_than_partitions(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  Members members;
  for (int i = 0; i < 4; ++i)
    members.push_back(std::make_unique<Member>(world, world.member_of(group, topic), Member::Commits::by_batch));
  const std::vector<std::size_t> two_idle{1, 1, 0, 0};
  const bool settled = co_await world.eventually([&] { return shares(members) == two_idle; });
  world.report.expect(settled, "Of four members two own a partition each and two are idle");
  co_await world.a_while();
  for (std::int32_t partition = 0; partition < 2; ++partition) co_await world.send_numbers(topic, 10, partition);
  const auto read = [&] {
    std::size_t count = 0;
    for (const auto& member : members) count += member->records.size();
    return count;
  };
  const bool all = co_await world.eventually([&] { return read() >= 20; });
  world.report.expect(all, "Every record is delivered");
  co_await world.a_while();
  world.report.equal(read(), 20U, "Records delivered to all members together");
  for (const auto& member : members)
    if (member->owned().empty()) world.report.equal(member->records.size(), 0U, "Records given to an idle member");
}

Task<> groups_are_independent(World& world) {
  const std::string topic = co_await world.topic(2);
  Member one(world, world.member_of(world.name("one"), topic), Member::Commits::by_batch);
  Member two(world, world.member_of(world.name("two"), topic), Member::Commits::by_batch);
  for (std::int32_t partition = 0; partition < 2; ++partition) co_await world.send_numbers(topic, 10, partition);
  const bool both = co_await world.eventually([&] { return one.records.size() >= 20 && two.records.size() >= 20; });
  world.report.expect(both, "Each of two groups is given every record");
  world.report.equal(one.owned().size(), 2U, "Partitions that a group's only member owns");
  world.report.equal(two.owned().size(), 2U, "Whatever the other group does");
}

Task<> members_and_readers(World& world) {
  const std::string topic = co_await world.topic(2);
  Member member(world, world.member_of(world.name("group"), topic), Member::Commits::by_batch);
  const bool joined = co_await world.eventually([&] { return member.owned().size() == 2; });
  world.report.expect(joined, "It joins");
  Member reader(world, world.reader_of(topic));
  const bool reads = co_await world.eventually([&] { return reader.owned().size() == 2; });
  world.report.expect(reads, "A reader has all partitions beside a group");
  co_await world.a_while();
  world.report.equal(member.revocations.size(), 0U, "Rebalances that a reader causes");
}

Task<> groups_are_described(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  const ConsumerSpec spec = world.member_of(group, topic);
  Member member(world, spec);
  const bool joined = co_await world.eventually([&] { return member.owned().size() == 2; });
  world.report.expect(joined, "It joins");
  const auto active = co_await world.group(group);
  world.report.need(active.has_value(), "A group with a member is listed");
  world.report.equal(active->state, "Stable", "The state of a group at rest");
  world.report.need(active->members.size() == 1, "It has one member");
  world.report.equal(active->members[0].client_id, spec.client_id, "The member's client id");
  auto assignment = active->members[0].assignment;
  std::ranges::sort(assignment);
  world.report.equal(assignment, std::vector{TopicPartition(topic, 0), TopicPartition(topic, 1)}, "What it owns");

  const auto committed = co_await member.consumer().commit(at(topic, 0, 0));
  world.report.succeeded(committed, "It commits");
  co_await member.close();
  const auto empty = co_await world.group(group);
  world.report.need(empty.has_value(), "A group that has committed is listed when its members have left");
  world.report.equal(empty->state, "Empty", "Its state");
  world.report.equal(empty->members.size(), 0U, "Its members");
}

Task<> readers_are_no_group(World& world) {
  const std::string topic = co_await world.topic();
  const auto before = co_await world.admin.groups();
  const auto known = world.report.need(before, "Groups can be described");
  const ConsumerSpec spec = world.reader_of(topic);
  Member reader(world, spec);
  const bool reads = co_await world.eventually([&] { return !reader.owned().empty(); });
  world.report.expect(reads, "It reads");
  const auto after = co_await world.admin.groups();
  for (const GroupDescription& group : world.report.need(after, "Groups can be described"))
    for (const MemberDescription& member : group.members)
      world.report.expect(member.client_id != spec.client_id, "A reader is a member of no group");
}

}  // namespace

std::vector<Case> group_cases() {
  return {
      {"A group splits the partitions among its members, one owner each", splits_partitions},
      {"Partitions are assigned by ranges, the first member has one more", range_assignment},
      {"More members than partitions leave some idle", more_members_than_partitions, {Need::orderly_rebalances}},
      {"Two groups are independent", groups_are_independent},
      {"A reader disturbs no group", members_and_readers},
      {"A group is described with its state, members and assignments", groups_are_described, {Need::admin}},
      {"A reader is no member of any group", readers_are_no_group, {Need::admin}},
  };
}

}  // namespace foodorder::conformance
