#include "member.hpp"

// Committed offsets: what is redelivered, lag, reset and replay.

namespace foodorder::conformance {

namespace {

/// What a new member of the group reads first, `count` records.
Task<std::vector<std::string>> next_member_reads(World& world, std::string group, std::string topic,
                                                 std::size_t count) {
  const auto member = world.bus.subscribe(world.member_of(std::move(group), std::move(topic)));
  const auto taken = co_await world.take(*member, count);
  co_await member->close();
  co_return values_of(taken);
}

/// A group of one member that has committed that offset and left.
Task<> group_at(World& world, std::string group, std::string topic, std::int64_t offset) {
  const auto member = world.bus.subscribe(world.member_of(std::move(group), topic));
  co_await world.assigned(*member);
  co_await world.commit(*member, std::move(topic), 0, offset);
  co_await member->close();
}

Task<Result<void>> reset(World& world, std::string group, std::string topic, std::int64_t offset) {
  auto next_offsets = at(std::move(topic), 0, offset);
  auto result = co_await world.admin.reset_offsets(std::move(group), std::move(next_offsets));
  co_return result;
}

Task<> uncommitted_is_redelivered(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 10);
  const auto first = world.bus.subscribe(world.member_of(group, topic));
  co_await world.take(*first, 10);
  co_await world.commit(*first, topic, 0, 4);
  co_await first->close();
  const auto values = co_await next_member_reads(world, group, topic, 6);
  world.report.equal(values, numbers(4, 10), "The next member begins at what was committed");
}

Task<> close_commits_nothing(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 5);
  const auto first = co_await next_member_reads(world, group, topic, 5);
  const auto second = co_await next_member_reads(world, group, topic, 5);
  world.report.equal(first, numbers(0, 5), "A member reads, commits nothing and closes");
  world.report.equal(second, numbers(0, 5), "The next one is given all of it again");
}

Task<> crash_commits_nothing(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 5);
  ConsumerSpec spec = world.member_of(group, topic);
  spec.session_timeout = world.session();
  Member crashes(world, spec);
  const bool read = co_await world.eventually([&] { return crashes.records.size() == 5; });
  world.report.expect(read, "It reads");
  crashes.crash();
  const auto values = co_await next_member_reads(world, group, topic, 5);
  world.report.equal(values, numbers(0, 5), "What a crashed member had read and not committed is given again");
}

Task<> commit_is_per_group(World& world) {
  const std::string topic = co_await world.topic();
  const std::string one = world.name("one");
  const std::string two = world.name("two");
  co_await world.send_numbers(topic, 10);
  co_await group_at(world, one, topic, 8);
  co_await group_at(world, two, topic, 3);
  const auto first = co_await next_member_reads(world, one, topic, 2);
  world.report.equal(first, numbers(8, 10), "One group begins where it has committed");
  const auto second = co_await next_member_reads(world, two, topic, 7);
  world.report.equal(second, numbers(3, 10), "And the other where the other has");
}

Task<> commit_may_go_back(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 10);
  co_await group_at(world, group, topic, 9);
  co_await group_at(world, group, topic, 2);
  const auto values = co_await next_member_reads(world, group, topic, 8);
  world.report.equal(values, numbers(2, 10), "The last commit counts, not the highest");
}

Task<> commit_by_another_group_member(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 5);
  co_await group_at(world, group, topic, 5);
  Member member(world, world.member_of(group, topic));
  const bool joined = co_await world.eventually([&] { return member.owns(topic, 0); });
  world.report.need(joined, "It joins");
  world.report.equal(member.assignments.front().positions, at(topic, 0, 5),
                     "Its assignment names the committed offset");
  co_await world.a_while();
  world.report.equal(member.records.size(), 0U, "What was committed is not given again");
}

Task<> lag(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 10);
  const auto member = world.bus.subscribe(world.member_of(group, topic));
  co_await world.take(*member, 10);
  const GroupPartition fresh = co_await world.group_partition(group, topic);
  world.report.equal(fresh.committed, std::optional<std::int64_t>(), "Before the first commit, what is committed");
  world.report.equal(fresh.lag, 10, "Before the first commit, the lag is all that is there");
  co_await world.commit(*member, topic, 0, 4);
  const GroupPartition behind = co_await world.group_partition(group, topic);
  world.report.equal(behind.committed, std::optional<std::int64_t>(4), "What is committed");
  world.report.equal(behind.end_offset, 10, "The end");
  world.report.equal(behind.lag, 6, "Lag is end minus committed, whatever was read");
  co_await world.send_numbers(topic, 5);
  co_await world.commit(*member, topic, 0, 15);
  const GroupPartition done = co_await world.group_partition(group, topic);
  world.report.equal(done.lag, 0, "At the end the lag is none");
}

Task<> reset_refused_while_active(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 10);
  const auto member = world.bus.subscribe(world.member_of(group, topic));
  co_await world.take(*member, 10);
  co_await world.commit(*member, topic, 0, 10);
  const auto refused = co_await reset(world, group, topic, 0);
  world.report.refused(refused, Errc::group_active, "A reset while the group has a member");
  const GroupPartition still = co_await world.group_partition(group, topic);
  world.report.equal(still.committed, std::optional<std::int64_t>(10), "It moved nothing");
  co_await member->close();
  const auto done = co_await reset(world, group, topic, 6);
  world.report.succeeded(done, "A reset when it has none");
  const auto values = co_await next_member_reads(world, group, topic, 4);
  world.report.equal(values, numbers(6, 10), "The next member begins there");
}

Task<> reset_makes_a_group(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 10);
  const auto made = co_await reset(world, group, topic, 7);
  world.report.succeeded(made, "A reset of a group that nobody has joined yet");
  const auto values = co_await next_member_reads(world, group, topic, 3);
  world.report.equal(values, numbers(7, 10), "Its first member begins there");
}

Task<> reset_out_of_range(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 3);
  const auto beyond = co_await reset(world, group, topic, 4);
  world.report.refused(beyond, Errc::out_of_range, "A reset to an offset after the end");
  const auto below = co_await reset(world, group, topic, -1);
  world.report.refused(below, Errc::out_of_range, "A reset to an offset before the start");
  const auto nowhere = co_await reset(world, group, world.name("absent"), 0);
  world.report.refused(nowhere, Errc::not_found, "A reset in a topic that does not exist");
  const auto end = co_await reset(world, group, topic, 3);
  world.report.succeeded(end, "A reset to the end");
}

Task<> replay_touches_no_other_group(World& world) {
  const std::string topic = co_await world.topic();
  const std::string live = world.name("live");
  co_await world.send_numbers(topic, 10);
  const auto member = world.bus.subscribe(world.member_of(live, topic));
  co_await world.take(*member, 10);
  co_await world.commit(*member, topic, 0, 10);
  Member replay(world, world.member_of(world.name("replay"), topic), Member::Commits::by_batch);
  const bool all = co_await world.eventually([&] { return replay.records.size() >= 10; });
  world.report.expect(all, "A fresh group is given everything from the beginning");
  world.report.equal(values_of(replay.records), numbers(0, 10), "In the same order");
  co_await replay.close();
  co_await world.send_numbers(topic, 1, 0, 10);
  const auto next = co_await world.take(*member, 1);
  world.report.equal(values_of(next), numbers(10, 11), "The live member goes on where it was");
  co_await member->close();
  const auto values = co_await next_member_reads(world, live, topic, 1);
  world.report.equal(values, numbers(10, 11), "And so does the next member of its group");
}

}  // namespace

std::vector<Case> offset_cases() {
  return {
      {"A record that was not committed is delivered again", uncommitted_is_redelivered},
      {"Closing a member commits nothing by itself", close_commits_nothing},
      {"A crash commits nothing", crash_commits_nothing},
      {"A commit is its group's alone", commit_is_per_group},
      {"A commit may go back", commit_may_go_back},
      {"A record that was committed is not delivered again", commit_by_another_group_member},
      {"Lag is end minus committed", lag, {Need::admin}},
      {"A reset is refused while the group is active, and works when it is empty",
       reset_refused_while_active,
       {Need::admin}},
      {"A reset may make a group", reset_makes_a_group, {Need::admin}},
      {"A reset outside of the log is refused", reset_out_of_range, {Need::admin}},
      {"A replay by a fresh group touches no other group", replay_touches_no_other_group},
  };
}

}  // namespace foodorder::conformance
