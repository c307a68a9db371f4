#include "member.hpp"

#include <algorithm>

// Consumer groups in motion: join, leave, crash, and what happens to records and commits meanwhile.

namespace foodorder::conformance {

namespace {

ConsumerSpec short_session(World& world, const std::string& group, const std::string& topic) {
  ConsumerSpec spec = world.member_of(group, topic);
  spec.session_timeout = world.session();
  return spec;
}

Task<> join(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  Member first(world, world.member_of(group, topic));
  const bool alone = co_await world.eventually([&] { return first.owned().size() == 2; });
  world.report.expect(alone, "A single member owns all partitions");
  Member second(world, world.member_of(group, topic));
  const bool split = co_await world.eventually([&] { return first.owned().size() == 1 && second.owned().size() == 1; });
  world.report.expect(split, "A member that joins takes over its share");
  world.report.expect(!first.revocations.empty(), "The other one is told what it loses");
  for (const Revoked& revoked : first.revocations) world.report.expect(!revoked.lost, "And it is no expulsion");
  world.report.equal(ownership({&first, &second}).shared, std::optional<TopicPartition>(),
                     "A partition with two owners");
}

Task<> leave(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  ConsumerSpec spec = world.member_of(group, topic);
  spec.session_timeout = World::patience * 2;
  Member stays(world, spec);
  spec.client_id = world.name("member");
  Member leaves(world, spec);
  const bool split = co_await world.eventually([&] { return stays.owned().size() == 1 && leaves.owned().size() == 1; });
  world.report.expect(split, "Two members share");
  co_await leaves.close();
  const bool taken_over = co_await world.eventually([&] { return stays.owned().size() == 2; });
  world.report.expect(taken_over, "The one that stays takes over at once, not when the other's session has run out");
}

Task<> crash(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  Member stays(world, short_session(world, group, topic));
  Member crashes(world, short_session(world, group, topic));
  const bool split =
      co_await world.eventually([&] { return stays.owned().size() == 1 && crashes.owned().size() == 1; });
  world.report.expect(split, "Two members share");
  const Timestamp crashed = world.clock.now();
  crashes.crash();
  const bool taken_over = co_await world.eventually([&] { return stays.owned().size() == 2; });
  world.report.expect(taken_over, "When its session has run out the other takes over");
  // It was heard of last a third of a session before, on a busy machine two.
  world.report.expect(world.clock.now() - crashed >= world.session() / 3, "And not before");
}

/// Members come and go while records are sent; everything has to reach somebody.
Task<> nothing_is_lost(World& world) {
  const std::string topic = co_await world.topic(3);
  const std::string group = world.name("group");
  std::vector<std::unique_ptr<Member>> members;
  const auto add = [&] {
    members.push_back(
        std::make_unique<Member>(world, short_session(world, group, topic), Member::Commits::by_batch_unless_fenced));
  };
  add();
  int sent = 0;
  for (int round = 0; round < 6; ++round) {
    for (std::int32_t partition = 0; partition < 3; ++partition)
      co_await world.send_numbers(topic, 50, partition, sent);
    sent += 50;
    if (round % 3 == 0) add();
    if (round % 3 == 1) co_await members.front()->close();
    if (round % 3 == 1) add();
    if (round % 3 == 2) members.back()->crash();
    co_await world.a_while();
  }
  add();
  const auto delivered = [&] {
    std::set<Position> positions;
    for (const auto& member : members)
      for (const ConsumerRecord& read : member->records) positions.insert(read.position);
    return positions.size();
  };
  const bool all = co_await world.eventually([&] { return delivered() == 900; });
  world.report.expect(all, "Every record was given to some member");
  world.report.equal(delivered(), 900U, "Records that were given to some member");
}

Task<> orderly_handover_doubles_nothing(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  Member first(world, world.member_of(group, topic), Member::Commits::by_batch);
  for (std::int32_t partition = 0; partition < 2; ++partition) co_await world.send_numbers(topic, 50, partition);
  Member second(world, world.member_of(group, topic), Member::Commits::by_batch);
  for (std::int32_t partition = 0; partition < 2; ++partition) co_await world.send_numbers(topic, 50, partition, 50);
  const bool split = co_await world.eventually([&] { return first.owned().size() == 1 && second.owned().size() == 1; });
  world.report.expect(split, "Two members share");
  co_await first.close();
  for (std::int32_t partition = 0; partition < 2; ++partition) co_await world.send_numbers(topic, 50, partition, 100);
  const bool all = co_await world.eventually([&] { return first.records.size() + second.records.size() >= 300; });
  world.report.expect(all, "Every record is delivered");
  co_await world.a_while();
  std::set<Position> distinct;
  for (const Member* member : {&first, &second})
    for (const ConsumerRecord& read : member->records) distinct.insert(read.position);
  world.report.equal(distinct.size(), 300U, "Records delivered");
  world.report.equal(first.records.size() + second.records.size(), 300U,
                     "Deliveries, where all commit before they ask");
}

Task<> commit_while_revoked(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  for (std::int32_t partition = 0; partition < 2; ++partition) co_await world.send_numbers(topic, 10, partition);
  const auto owner = world.bus.subscribe(world.member_of(group, topic));
  co_await world.take(*owner, 20);
  Member guest(world, world.member_of(group, topic));
  const Revoked revoked = co_await world.revoked(*owner);
  world.report.expect(!revoked.lost, "It has not lost them yet");
  world.report.need(!revoked.partitions.empty(), "It is told what it is about to lose");
  co_await world.a_while();
  for (const TopicPartition& tp : revoked.partitions)
    world.report.expect(!guest.owned().contains(tp), "The newcomer has to wait until it has finished");
  for (const TopicPartition& tp : revoked.partitions) co_await world.commit(*owner, topic, tp.partition, 7);
  co_await owner->close();
  const bool moved = co_await world.eventually([&] { return guest.owned().size() == 2; });
  world.report.expect(moved, "Then the newcomer takes over");
  co_await world.a_while();
  for (const TopicPartition& tp : revoked.partitions) {
    std::vector<std::string> values;
    for (const ConsumerRecord& read : guest.records)
      if (read.position.tp == tp) values.push_back(value_of(read));
    world.report.equal(values, numbers(7, 10), "It begins where the other has committed");
  }
}

Task<> commit_after_losing(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  Member first(world, world.member_of(group, topic));
  const bool alone = co_await world.eventually([&] { return first.owned().size() == 2; });
  world.report.expect(alone, "A single member owns all partitions");
  for (std::int32_t partition = 0; partition < 2; ++partition) co_await world.send_numbers(topic, 5, partition);
  Member second(world, world.member_of(group, topic));
  const bool split = co_await world.eventually([&] { return first.owned().size() == 1 && second.owned().size() == 1; });
  world.report.need(split, "Two members share");
  const std::int32_t lost = second.owned().begin()->partition;

  std::vector<Position> both = at(topic, 0, 4);
  both.emplace_back(TopicPartition(topic, 1), 4);
  const auto mixed = co_await first.consumer().commit(std::move(both));
  world.report.refused(mixed, Errc::fenced, "A commit that names a lost partition");
  co_await first.close();
  co_await second.close();
  Member third(world, world.member_of(group, topic));
  const bool all = co_await world.eventually([&] { return third.records.size() >= 10; });
  world.report.expect(all, "Nothing was committed, of the partition that it still owned neither");
  const auto elsewhere = co_await third.consumer().commit(at(topic, 99, 0));
  world.report.refused(elsewhere, Errc::fenced, "A commit of a partition that is not there");
  world.report.expect(third.owns(topic, lost), "The next member owns what was lost");
}

Task<> held_member(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  Member held(world, short_session(world, group, topic));
  const bool joined = co_await world.eventually([&] { return held.owns(topic, 0); });
  world.report.expect(joined, "It joins");
  co_await world.send_numbers(topic, 5);
  const bool read = co_await world.eventually([&] { return held.records.size() == 5; });
  world.report.expect(read, "It reads");

  held.hold();
  Member other(world, short_session(world, group, topic));
  const bool taken_over = co_await world.eventually([&] { return other.owns(topic, 0); });
  world.report.expect(taken_over, "Another takes over when its session has run out");
  const auto refused = co_await held.consumer().commit(at(topic, 0, 5));
  world.report.refused(refused, Errc::fenced, "The commit of a member that was expelled and does not know yet");
  co_await world.a_while();
  world.report.equal(values_of(other.records), numbers(0, 5), "Its commit moved nothing: all is delivered again");

  held.release();
  const bool told = co_await world.eventually([&] { return !held.revocations.empty(); });
  world.report.need(told, "It is told when it runs again");
  world.report.expect(held.revocations.front().lost, "That its partitions are lost, not about to be");
  co_await other.close();
  const bool back = co_await world.eventually([&] { return held.owns(topic, 0); });
  world.report.expect(back, "It has joined again: when the other leaves, the partition is its own");
}

Task<> poll_interval(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  ConsumerSpec spec = short_session(world, group, topic);
  spec.poll_interval_max = world.session() * 2;
  Member stuck(world, spec);
  const bool alone = co_await world.eventually([&] { return stuck.owned().size() == 2; });
  world.report.expect(alone, "A single member owns all partitions");
  stuck.stall();
  co_await world.send_numbers(topic, 1);
  const bool busy = co_await world.eventually([&] { return stuck.records.size() == 1; });
  world.report.expect(busy, "It has a record and asks for nothing more");
  Member other(world, short_session(world, group, topic));
  const bool taken_over = co_await world.eventually([&] { return other.owned().size() == 2; });
  world.report.expect(taken_over, "A member that heartbeats but never calls next() holds up a rebalance only so long");
}

}  // namespace

std::vector<Case> rebalance_cases() {
  return {
      {"A member that joins takes over its share, and the other one learns of it", join},
      {"A member that leaves hands over at once", leave, {Need::orderly_rebalances}},
      {"The partitions of a crashed member go to others when its session has run out", crash},
      {"Nothing is lost while members join, leave and crash", nothing_is_lost},
      {"An orderly handover doubles nothing", orderly_handover_doubles_nothing, {Need::orderly_rebalances}},
      {"While a revocation is pending the member may still commit", commit_while_revoked, {Need::orderly_rebalances}},
      {"A commit of a lost partition is fenced and moves nothing", commit_after_losing},
      {"A member held up for longer than its session is expelled, fenced, and joins again",
       held_member,
       {Need::held_members}},
      {"A member that does not call next() during a rebalance loses its place", poll_interval},
  };
}

}  // namespace foodorder::conformance
