#include "member.hpp"

#include <algorithm>

// Retention: the oldest records go first, and who had not read them is told.

namespace foodorder::conformance {

namespace {

TopicSpec by_bytes() {
  TopicSpec spec("small", 1);
  spec.config["retention.bytes"] = "20000";
  spec.config["segment.ms"] = "1000";
  return spec;
}

/// Sends a kilobyte at a time until retention has taken something; returns how many were sent, or none in vain.
Task<int> send_until_removed(World& world, std::string topic) {
  const Timestamp deadline = world.clock.now() + World::patience;
  int sent = 0;
  while (world.clock.now() < deadline) {
    for (int i = 0; i < 20; ++i)
      co_await world.send(topic, Record("key", std::to_string(sent++) + ":" + std::string(1000, 'x')));
    co_await sleep_for(world.clock, milliseconds(1100));
    const PartitionDescription description = co_await world.partition(topic);
    if (description.start_offset > 0) co_return sent;
  }
  co_return 0;
}

Task<> oldest_go_first(World& world) {
  const std::string topic = co_await world.topic(by_bytes());
  const int sent = co_await send_until_removed(world, topic);
  world.report.need(sent > 0, "Over retention.bytes the log loses records");
  const PartitionDescription description = co_await world.partition(topic);
  world.report.equal(description.end_offset, sent, "The end stays");
  world.report.equal(description.records, description.end_offset - description.start_offset, "Records kept");
  world.report.expect(description.records > 0, "The newest are kept");
  std::int64_t wanted = description.start_offset;
  const auto log = co_await world.log(topic);
  for (const ConsumerRecord& read : log) {
    world.report.equal(read.position.offset, wanted, "What is kept is the end of the log, without a gap");
    world.report.expect(value_of(read).starts_with(std::to_string(wanted) + ":"), "At the offsets that it had");
    ++wanted;
  }
}

Task<> removed_is_counted(World& world) {
  const std::string topic = co_await world.topic(by_bytes());
  const std::string slow = world.name("slow");
  const std::string quick = world.name("quick");
  const auto sleeper = world.bus.subscribe(world.member_of(slow, topic));
  co_await world.assigned(*sleeper);
  co_await world.commit(*sleeper, topic, 0, 0);
  Member reader(world, world.member_of(quick, topic), Member::Commits::by_batch);
  const bool joined = co_await world.eventually([&] { return reader.owns(topic, 0); });
  world.report.expect(joined, "The quick one joins");
  const int sent = co_await send_until_removed(world, topic);
  world.report.need(sent > 0, "Over retention.bytes the log loses records");
  const PartitionDescription description = co_await world.partition(topic);
  const GroupPartition missed = co_await world.group_partition(slow, topic);
  world.report.equal(missed.removed_before_read, description.start_offset, "What the group missed that had not read");
  const GroupPartition none = co_await world.group_partition(quick, topic);
  world.report.equal(none.removed_before_read, 0, "What the group missed that had read");
}

Task<> reading_goes_on_after_removal(World& world) {
  const std::string topic = co_await world.topic(by_bytes());
  const std::string group = world.name("group");
  const auto before = world.bus.subscribe(world.member_of(group, topic));
  co_await world.assigned(*before);
  co_await world.commit(*before, topic, 0, 0);
  co_await before->close();
  const int sent = co_await send_until_removed(world, topic);
  world.report.need(sent > 0, "Over retention.bytes the log loses records");
  const PartitionDescription description = co_await world.partition(topic);
  const auto after = world.bus.subscribe(world.member_of(group, topic));
  const auto taken = co_await world.take(*after, 1);
  world.report.expect(taken.front().position.offset >= description.start_offset && taken.front().position.offset < sent,
                      "Whose committed offset was removed reads on at the oldest that is left");
}

Task<> by_time(World& world) {
  TopicSpec spec("short", 1);
  spec.config["retention.ms"] = "8000";
  spec.config["segment.ms"] = "1000";
  const std::string topic = co_await world.topic(std::move(spec));
  const Timestamp begun = world.clock.now();
  co_await world.send_numbers(topic, 5);
  co_await sleep_for(world.clock, seconds(3));
  const PartitionDescription young = co_await world.partition(topic);
  const bool in_time = world.clock.now() < begun + seconds(8);  // else the machine was too busy to tell
  world.report.expect(young.start_offset == 0 || !in_time, "What is younger than retention.ms stays");
  const Timestamp deadline = world.clock.now() + World::patience;
  PartitionDescription description = young;
  int sent = 5;
  while (description.start_offset < 5 && world.clock.now() < deadline) {
    co_await sleep_for(world.clock, milliseconds(1100));
    co_await world.send_numbers(topic, 1, 0, sent++);
    description = co_await world.partition(topic);
  }
  world.report.expect(description.start_offset >= 5, "What is older than retention.ms goes");
  const auto values = co_await world.values(topic);
  world.report.need(!values.empty(), "What is younger stays");
  world.report.equal(values.back(), std::to_string(sent - 1), "The newest");
}

Task<> kept_without_limit(World& world) {
  TopicSpec spec("orders", 1);
  spec.config["retention.ms"] = "-1";
  spec.config["retention.bytes"] = "-1";
  const std::string topic = co_await world.topic(std::move(spec));
  co_await world.send_numbers(topic, 5);
  co_await sleep_for(world.clock, seconds(5));
  const auto values = co_await world.values(topic);
  world.report.equal(values, numbers(0, 5), "With -1 for both limits everything stays");
}

}  // namespace

std::vector<Case> retention_cases() {
  return {
      {"Retention by bytes removes the oldest first and moves no offset", oldest_go_first, {Need::retention}},
      {"What retention removes is counted for the group that had not read it",
       removed_is_counted,
       {Need::retention, Need::removed_before_read}},
      {"A group whose offset was removed reads on at the oldest that is left",
       reading_goes_on_after_removal,
       {Need::retention}},
      {"Retention by time removes the old and keeps the young", by_time, {Need::retention}},
      {"A topic without limits keeps everything", kept_without_limit, {Need::retention}},
  };
}

}  // namespace foodorder::conformance
