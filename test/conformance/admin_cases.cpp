#include "world.hpp"

#include <algorithm>
#include <cstdio>
#include <map>

// Topics and groups from outside: made, described, read and forgotten.

namespace foodorder::conformance {

namespace {

Task<Result<void>> ensure(World& world, TopicSpec spec) {
  std::vector<TopicSpec> specs{std::move(spec)};
  auto result = co_await world.admin.ensure_topics(std::move(specs));
  co_return result;
}

Task<> ensure_is_idempotent(World& world) {
  const std::string topic = co_await world.topic(3);
  co_await world.send_numbers(topic, 4);
  const auto again = co_await ensure(world, TopicSpec(topic, 3));
  world.report.succeeded(again, "A topic that is as asked");
  const TopicDescription description = co_await world.describe(topic);
  world.report.equal(description.partitions.size(), 3U, "Partitions");
  const auto values = co_await world.values(topic);
  world.report.equal(values, numbers(0, 4), "What was in it stays");
}

Task<> ensure_makes_what_is_absent(World& world) {
  const std::string there = co_await world.topic(2);
  const std::string absent = world.name("absent");
  std::vector<TopicSpec> specs;
  specs.emplace_back(there, 2);
  specs.emplace_back(absent, 1);
  const auto made = co_await world.admin.ensure_topics(std::move(specs));
  world.report.succeeded(made, "One topic that is there and one that is not");
  const TopicDescription description = co_await world.describe(absent);
  world.report.equal(description.partitions.size(), 1U, "Partitions of the one that was absent");
}

Task<> other_partitions(World& world) {
  const std::string topic = co_await world.topic(3);
  const auto refused = co_await ensure(world, TopicSpec(topic, 4));
  world.report.need(!refused.has_value(), "A topic with other partitions is refused");
  world.report.equal(refused.error().code, Errc::topic_mismatch, "It is refused with");
  const std::string& message = refused.error().message;
  world.report.expect(message.find(topic) != std::string::npos, "The message names the topic: " + message);
  world.report.expect(message.find('3') != std::string::npos && message.find('4') != std::string::npos,
                      "And says what it is and what it should be: " + message);
  const TopicDescription description = co_await world.describe(topic);
  world.report.equal(description.partitions.size(), 3U, "The topic stays as it was; partitions");
}

Task<> other_cleanup(World& world) {
  const std::string topic = co_await world.topic(1);
  const auto refused = co_await ensure(world, TopicSpec(topic, 1, Cleanup::by_compaction));
  world.report.refused(refused, Errc::topic_mismatch, "A topic with another cleanup");
  const TopicDescription description = co_await world.describe(topic);
  world.report.expect(description.cleanup == Cleanup::by_deletion, "The topic stays as it was");
}

Task<> unknown_setting(World& world) {
  TopicSpec spec(world.name("orders"), 1);
  spec.config["retention.parsecs"] = "12";
  const std::string topic = spec.name;
  const auto refused = co_await ensure(world, std::move(spec));
  world.report.need(!refused.has_value(), "An unknown setting is refused");
  world.report.equal(refused.error().code, Errc::invalid_argument, "It is refused with");
  world.report.expect(refused.error().message.find("retention.parsecs") != std::string::npos,
                      "The message names the setting: " + refused.error().message);
  const auto all = co_await world.admin.topics();
  for (const TopicDescription& description : world.report.need(all, "Topics can be described"))
    world.report.expect(description.name != topic, "No topic was made");
}

/// A broker is asked for sizes apart from the rest, and may not answer in time. One whose directory lies on no file
/// system that Java can find ("Mount point not found", in a chroot) tells none at all.
Task<> a_record_has_a_size(World& world, TopicPartition tp) {
  const Timestamp began = world.clock.now();
  std::int64_t size = 0;
  std::int64_t all = 0;
  const bool may_tell_none = world.bus.features().durable;
  for (Duration waited{}; size == 0 && waited < (may_tell_none && all == 0 ? seconds(20) : World::patience);
       waited = world.clock.now() - began) {
    if (waited > Duration::zero()) co_await sleep_for(world.clock, milliseconds(100));
    const auto topics = co_await world.admin.topics();
    if (!topics) continue;
    for (const TopicDescription& topic : *topics)
      for (const PartitionDescription& partition : topic.partitions) {
        all += partition.size_bytes;
        if (TopicPartition(topic.name, partition.partition) == tp) size = partition.size_bytes;
      }
  }
  world.report.expect(size > 0 || (may_tell_none && all == 0), "A record has a size, where any has");
  if (all == 0) std::printf("this broker tells no sizes\n");
}

Task<> topics_are_described(World& world) {
  TopicSpec spec("status", 2, Cleanup::by_compaction);
  spec.config["segment.ms"] = "1000";
  const std::string compacted = co_await world.topic(std::move(spec));
  const std::string plain = co_await world.topic(1);
  co_await world.send(compacted, Record("key", "value"), 1);
  const auto result = co_await world.admin.topics();
  const auto all = world.report.need(result, "Topics can be described");
  world.report.expect(std::ranges::is_sorted(all, {}, &TopicDescription::name), "They come by name");
  const TopicDescription one = co_await world.describe(compacted);
  world.report.expect(one.cleanup == Cleanup::by_compaction, "Cleanup as asked");
  world.report.expect(one.config.contains("segment.ms") && one.config.at("segment.ms") == "1000", "Settings as asked");
  world.report.need(one.partitions.size() == 2, "Partitions as asked");
  for (std::int32_t i = 0; i < 2; ++i) {
    const PartitionDescription& part = one.partitions[static_cast<std::size_t>(i)];
    world.report.equal(part.partition, i, "Partitions come by their number");
    world.report.equal(part.start_offset, 0, "The start");
    world.report.equal(part.end_offset, i, "The end of partition " + std::to_string(i));
  }
  co_await a_record_has_a_size(world, TopicPartition(compacted, 1));
  const TopicDescription other = co_await world.describe(plain);
  world.report.expect(other.cleanup == Cleanup::by_deletion, "Cleanup by deletion if not asked otherwise");
}

Task<Result<ReadPage>> read(World& world, std::string topic, std::int64_t offset, ReadLimits limits) {
  TopicPartition tp(std::move(topic), 0);
  auto page = co_await world.admin.read(std::move(tp), offset, limits);
  co_return page;
}

Task<> pages(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 25);
  ReadLimits limits;
  limits.records_max = 10;
  std::vector<std::string> values;
  std::vector<std::size_t> sizes;
  for (std::int64_t offset = 0; offset < 25;) {
    const auto result = co_await read(world, topic, offset, limits);
    const ReadPage page = world.report.need(result, "A page");
    world.report.need(page.next_offset > offset, "Every page gets on");
    const auto more = values_of(page.records);
    values.insert(values.end(), more.begin(), more.end());
    sizes.push_back(more.size());
    offset = page.next_offset;
    world.report.equal(page.end_offset, 25, "A page says where the end is");
  }
  world.report.equal(values, numbers(0, 25), "All pages together");
  world.report.equal(sizes, std::vector<std::size_t>({10, 10, 5}), "Each holds as many as asked for");
}

Task<> page_limits(World& world) {
  const std::string topic = co_await world.topic();
  for (int i = 0; i < 10; ++i) co_await world.send(topic, Record("key", std::string(1000, 'x')));
  ReadLimits limits;
  limits.bytes_max = 3500;
  const auto result = co_await read(world, topic, 0, limits);
  const ReadPage page = world.report.need(result, "A page");
  world.report.expect(!page.records.empty() && page.records.size() <= 4, "A page holds no more bytes than asked for");
  const auto at_end = co_await read(world, topic, 10, ReadLimits());
  const ReadPage none = world.report.need(at_end, "A page at the end");
  world.report.equal(none.records.size(), 0U, "Records at the end");
  const auto beyond = co_await read(world, topic, 99, ReadLimits());
  const ReadPage nothing = world.report.need(beyond, "A page beyond the end");
  world.report.equal(nothing.records.size(), 0U, "Records beyond the end");
  const auto absent = co_await read(world, world.name("absent"), 0, ReadLimits());
  world.report.refused(absent, Errc::not_found, "A page of a topic that does not exist");
}

Task<> page_below_the_start(World& world) {
  TopicSpec spec("small", 1);
  spec.config["retention.bytes"] = "5000";
  spec.config["segment.ms"] = "1000";
  const std::string topic = co_await world.topic(std::move(spec));
  const Timestamp deadline = world.clock.now() + World::patience;
  PartitionDescription description;
  while (description.start_offset == 0 && world.clock.now() < deadline) {
    for (int i = 0; i < 10; ++i) co_await world.send(topic, Record("key", std::string(1000, 'x')));
    co_await sleep_for(world.clock, milliseconds(1100));
    description = co_await world.partition(topic);
  }
  world.report.need(description.start_offset > 0, "Retention removes the oldest");
  const auto result = co_await read(world, topic, 0, ReadLimits());
  const ReadPage page = world.report.need(result, "A page below the start");
  world.report.equal(page.start_offset, description.start_offset, "It says where the log begins");
  world.report.need(!page.records.empty(), "It has records");
  world.report.equal(page.records.front().position.offset, page.start_offset, "It begins there");
}

Task<std::vector<std::int64_t>> resolved(World& world, std::string topic, Where where) {
  std::vector<TopicPartition> partitions{TopicPartition(topic, 0), TopicPartition(topic, 1)};
  const auto result = co_await world.admin.resolve(std::move(partitions), where);
  std::vector<std::int64_t> offsets;
  for (const Position& position : world.report.need(result, "A place is resolved")) offsets.push_back(position.offset);
  co_return offsets;
}

Task<> places_are_resolved(World& world) {
  const std::string topic = co_await world.topic(2);
  co_await world.send_numbers(topic, 10, 0);
  co_await world.send_numbers(topic, 5, 1);
  using Offsets = std::vector<std::int64_t>;
  const auto beginning = co_await resolved(world, topic, Where::beginning());
  world.report.equal(beginning, Offsets({0, 0}), "The beginning of two partitions");
  const auto end = co_await resolved(world, topic, Where::end());
  world.report.equal(end, Offsets({10, 5}), "The end of two partitions");
  const auto offset = co_await resolved(world, topic, Where::at_offset(7));
  world.report.equal(offset, Offsets({7, 5}), "An offset, clamped to the end");
  std::vector<TopicPartition> absent{TopicPartition(world.name("absent"), 0)};
  const auto refused = co_await world.admin.resolve(std::move(absent), Where::beginning());
  world.report.refused(refused, Errc::not_found, "A place in a topic that does not exist");
}

Task<> times_are_resolved(World& world) {
  const std::string topic = co_await world.topic(2);
  const Timestamp start = world.clock.now() - std::chrono::hours(1);
  for (int i = 0; i < 6; ++i) {
    Record record("key", std::to_string(i));
    record.timestamp = start + i * seconds(10);
    co_await world.send(topic, std::move(record), i % 2);  // 0, 20, 40 seconds and 10, 30, 50 seconds
  }
  using Offsets = std::vector<std::int64_t>;
  const auto exact = co_await resolved(world, topic, Where::at_time(start + seconds(20)));
  world.report.equal(exact, Offsets({1, 1}), "The first records at or after 20 s");
  const auto before = co_await resolved(world, topic, Where::at_time(start - seconds(1)));
  world.report.equal(before, Offsets({0, 0}), "A time before the first record");
  const auto after = co_await resolved(world, topic, Where::at_time(start + seconds(45)));
  world.report.equal(after, Offsets({3, 2}), "A time after the last record of one is its end");
}

Task<> groups_are_forgotten(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  co_await world.send_numbers(topic, 3);
  const auto member = world.bus.subscribe(world.member_of(group, topic));
  co_await world.take(*member, 3);
  co_await world.commit(*member, topic, 0, 3);
  const auto refused = co_await world.admin.delete_group(group);
  world.report.refused(refused, Errc::group_active, "Forgetting a group that has a member");
  co_await member->close();
  const auto done = co_await world.admin.delete_group(group);
  world.report.succeeded(done, "Forgetting a group that has none");
  const auto gone = co_await world.group(group);
  world.report.expect(!gone.has_value(), "It is not listed any more");
  const auto again = co_await world.admin.delete_group(group);
  world.report.refused(again, Errc::not_found, "Forgetting it again");
  const auto fresh = world.bus.subscribe(world.member_of(group, topic));
  const auto taken = co_await world.take(*fresh, 3);
  world.report.equal(values_of(taken), numbers(0, 3), "A group of that name begins from the beginning");
}

/// Two who read the same log page by page do not disturb each other, nor does a look at one record.
Task<> pages_beside_each_other(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 250);
  const TopicPartition tp(topic, 0);
  ReadLimits limits;
  limits.records_max = 100;
  std::vector<std::string> first;
  std::vector<std::string> second;
  std::int64_t first_next = 0;
  std::int64_t second_next = 50;
  while (first_next < 250) {
    const auto page = co_await world.admin.read(tp, first_next, limits);
    for (const ConsumerRecord& read : world.report.need(page, "A page").records) first.push_back(value_of(read));
    first_next = page->next_offset;
    const auto other = co_await world.admin.read(tp, second_next, limits);
    for (const ConsumerRecord& read : world.report.need(other, "Another's page").records)
      second.push_back(value_of(read));
    second_next = other->next_offset;
    ReadLimits one;
    one.records_max = 1;
    const auto look = co_await world.admin.read(tp, 7, one);
    world.report.equal(world.report.need(look, "A look").records.size(), 1U, "Records of a look at one");
  }
  world.report.equal(first, numbers(0, 250), "What the first has read");
  world.report.equal(second, numbers(50, 250), "What the second has read");
}

Task<> settings_are_told(World& world) {
  TopicSpec spec("orders", 1);
  spec.config["retention.bytes"] = "1000000";
  const std::string topic = co_await world.topic(std::move(spec));
  const auto told = co_await world.admin.topic_settings(topic);
  std::map<std::string, TopicSetting> settings;
  std::vector<std::string> names;
  for (const TopicSetting& setting : world.report.need(told, "A topic's settings")) {
    settings[setting.name] = setting;
    names.push_back(setting.name);
  }
  world.report.expect(std::ranges::is_sorted(names), "They come by name");
  world.report.equal(settings["retention.bytes"].value, std::string("1000000"), "One that was set");
  world.report.expect(settings["retention.bytes"].changed, "It is marked as changed");
  world.report.equal(settings["cleanup.policy"].value, std::string("delete"), "How it is cleaned");
  world.report.expect(!settings["segment.ms"].value.empty() && !settings["segment.ms"].changed,
                      "One at its default is told, too, and not marked");
  const auto absent = co_await world.admin.topic_settings(world.name("absent"));
  world.report.refused(absent, Errc::not_found, "Settings of a topic that does not exist");
}

Task<> log_id_is_stable(World& world) {
  const std::vector<std::string> topics(1, co_await world.topic(1));
  std::vector<std::string> asked = topics;
  const auto first = co_await world.bus.log_id(std::move(asked));
  const std::string id = world.report.need(first, "A log has an id");
  world.report.expect(!id.empty(), "It is not empty");
  co_await world.topic(1);
  asked = topics;
  const auto second = co_await world.bus.log_id(std::move(asked));
  world.report.equal(world.report.need(second, "A log has an id"), id, "The id, asked again");
  world.report.expect(!world.bus.trouble().has_value(), "A bus in reach has no trouble to tell");
}

}  // namespace

std::vector<Case> admin_cases() {
  return {
      {"Making a topic again does nothing", ensure_is_idempotent, {Need::own_records}},
      {"Of several topics those that are absent are made", ensure_makes_what_is_absent, {Need::own_records}},
      {"A topic with other partitions is refused, and the message says why", other_partitions, {Need::own_records}},
      {"A topic with another cleanup is refused", other_cleanup, {Need::compaction, Need::own_records}},
      {"An unknown topic setting is refused", unknown_setting, {Need::own_records}},
      {"Topics are described as they were asked for", topics_are_described, {Need::compaction, Need::own_records}},
      {"A range of the log is read page by page", pages},
      {"A page keeps to its limits and ends at the end", page_limits},
      {"A page from below the start begins at the start and says so",
       page_below_the_start,
       {Need::retention, Need::own_records}},
      {"Pages that several read beside each other leave nothing out", pages_beside_each_other},
      {"The settings of a topic are listed, the changed ones marked",
       settings_are_told,
       {Need::compaction, Need::own_records}},
      {"Beginning, end and offset are resolved for each partition", places_are_resolved, {Need::own_records}},
      {"A time is resolved to the first record at or after it",
       times_are_resolved,
       {Need::seek_by_time, Need::own_records}},
      {"An empty group can be forgotten, an active one cannot", groups_are_forgotten, {Need::admin}},
      {"A log keeps its id", log_id_is_stable},
  };
}

}  // namespace foodorder::conformance
