#include "member.hpp"

#include <algorithm>

// Compacted topics: the log keeps the last record of each key, for readers who come late.

namespace foodorder::conformance {

namespace {

/// Settings with which a broker, too, compacts within seconds.
TopicSpec compacted(std::string tombstones_kept_ms = "60000") {
  TopicSpec spec("order-status", 1, Cleanup::by_compaction);
  spec.config["segment.ms"] = "1000";
  spec.config["min.cleanable.dirty.ratio"] = "0.01";
  spec.config["max.compaction.lag.ms"] = "1000";
  spec.config["delete.retention.ms"] = std::move(tombstones_kept_ms);
  return spec;
}

/// a=1, c=1, b=1, a=2, b gone, a=3 at the offsets 0 to 5. Compacted, there is a gap at the start and one in the middle.
Task<> fill(World& world, std::string topic) {
  co_await world.send(topic, Record("a", "1"));
  co_await world.send(topic, Record("c", "1"));
  co_await world.send(topic, Record("b", "1"));
  co_await world.send(topic, Record("a", "2"));
  co_await world.send(topic, Record("b", std::nullopt));
  co_await world.send(topic, Record("a", "3"));
}

/// "key=value@offset" of every record that a reader sees.
std::vector<std::string> shown(const std::vector<ConsumerRecord>& records) {
  std::vector<std::string> texts;
  for (const ConsumerRecord& read : records)
    texts.push_back(std::string(read.record->key().value_or("")) + "=" + value_of(read) + "@" +
                    std::to_string(read.position.offset));
  return texts;
}

/// Waits until the log holds `count` records. A broker never compacts the segment that it writes: what is sent here
/// moves it on to the next, under a key of its own that is left out of the count.
Task<bool> compacted_to(World& world, std::string topic, std::size_t count) {
  const Timestamp deadline = world.clock.now() + World::patience;
  while (world.clock.now() < deadline) {
    const auto all = co_await world.log(topic);
    const auto kept = std::ranges::count_if(all, [](const auto& read) { return read.record->key() != "filler"; });
    if (static_cast<std::size_t>(kept) == count) co_return true;
    co_await world.send(topic, Record("filler", "x"));
    co_await sleep_for(world.clock, milliseconds(1100));
  }
  co_return false;
}

std::vector<ConsumerRecord> without_filler(std::vector<ConsumerRecord> records) {
  std::erase_if(records, [](const auto& read) { return read.record->key() == "filler"; });
  return records;
}

Task<> compact_now(World& world, std::string topic) {
  const auto result = co_await world.admin.compact(std::move(topic));
  world.report.need(result, "A compacted topic can be compacted");
}

Task<> tombstone_and_late_reader(World& world) {
  const std::string topic = co_await world.topic(compacted());
  co_await fill(world, topic);
  const auto reader = world.bus.subscribe(world.reader_of(topic));
  std::map<std::string, std::optional<std::string>> view;
  for (std::int64_t last = -1; last < 5;) {
    const Records batch = co_await world.records(*reader);
    for (const ConsumerRecord& read : batch.records)
      view[std::string(read.record->key().value_or(""))] = read.record->value();
    last = batch.records.back().position.offset;
  }
  world.report.need(view.contains("a") && view.contains("b"), "A late reader gets the last record of each key");
  world.report.expect(!view["b"].has_value(), "A late reader sees that b is gone");
  world.report.equal(view["a"], std::optional<std::string>("3"), "And the last value of a");
}

Task<> keeps_the_last_of_each_key(World& world) {
  const std::string topic = co_await world.topic(compacted());
  co_await fill(world, topic);
  const bool done = co_await compacted_to(world, topic, 3);
  world.report.expect(done, "The log is compacted by itself");
  const auto log = co_await world.log(topic);
  const std::vector<std::string> wanted{"c=1@1", "b=(null)@4", "a=3@5"};
  world.report.equal(shown(without_filler(log)), wanted, "The last of each key, each at the offset that it had");
}

Task<> on_demand(World& world) {
  const std::string topic = co_await world.topic(compacted());
  co_await fill(world, topic);
  co_await compact_now(world, topic);
  const auto log = co_await world.log(topic);
  const std::vector<std::string> wanted{"c=1@1", "b=(null)@4", "a=3@5"};
  world.report.equal(shown(log), wanted, "The last of each key, each at the offset that it had");
  const PartitionDescription description = co_await world.partition(topic);
  world.report.equal(description.records, 3, "Records kept");
  world.report.equal(description.end_offset, 6, "The end stays");
  const Position next = co_await world.send(topic, Record("d", "1"));
  world.report.equal(next.offset, 6, "The next record's offset");
}

Task<> what_went_is_told(World& world) {
  const std::string topic = co_await world.topic(compacted());
  co_await fill(world, topic);
  const PartitionDescription before = co_await world.partition(topic);
  const auto result = co_await world.admin.compact(topic);
  const Compaction done = world.report.need(result, "A compaction");
  const PartitionDescription after = co_await world.partition(topic);
  world.report.equal(done.records, before.records - after.records, "Records that went");
  world.report.equal(done.bytes, before.size_bytes - after.size_bytes, "Their bytes");
  world.report.need(done.removed.size() == 3, "Each of them is named");
  world.report.equal(done.removed.front().position, Position(TopicPartition(topic, 0), 0), "The first");
  world.report.equal(done.removed.front().key, std::string("a"), "Its key");
  const auto again = co_await world.admin.compact(topic);
  world.report.equal(world.report.need(again, "Another compaction").records, 0, "Nothing is left to go");
}

Task<> compaction_refused(World& world) {
  const std::string topic = co_await world.topic();
  const auto kept = co_await world.admin.compact(topic);
  world.report.refused(kept, Errc::invalid_argument, "Compacting a topic that is cleaned by deletion");
  const auto absent = co_await world.admin.compact(world.name("absent"));
  world.report.refused(absent, Errc::not_found, "Compacting a topic that does not exist");
}

Task<> key_is_needed(World& world) {
  const std::string topic = co_await world.topic(compacted());
  const auto producer = world.producer();
  ProducerRecord keyless(topic, Record(std::nullopt, "value"));
  const auto refused = co_await producer->send(std::move(keyless));
  world.report.refused(refused, Errc::invalid_argument, "A record without a key");
  const PartitionDescription description = co_await world.partition(topic);
  world.report.equal(description.end_offset, 0, "It leaves no trace; the end");
}

Task<> reading_over_gaps(World& world) {
  const std::string topic = co_await world.topic(compacted());
  const std::string group = world.name("group");
  co_await fill(world, topic);
  const auto before = world.bus.subscribe(world.member_of(group, topic));
  co_await world.take(*before, 6);
  co_await world.commit(*before, topic, 0, 2);
  co_await before->close();
  co_await compact_now(world, topic);
  const auto after = world.bus.subscribe(world.member_of(group, topic));
  const auto taken = co_await world.take(*after, 2);
  const std::vector<std::string> wanted{"b=(null)@4", "a=3@5"};
  world.report.equal(shown(taken), wanted, "Whose offset is gone reads on at the next one that is there");
  const auto sought = co_await after->seek(TopicPartition(topic, 0), Where::at_offset(3));
  world.report.succeeded(sought, "A seek into a gap");
  const auto again = co_await world.take(*after, 2);
  world.report.equal(shown(again), wanted, "Reads the next one that is there");
  const auto all = co_await after->seek(TopicPartition(topic, 0), Where::beginning());
  world.report.succeeded(all, "A seek to the beginning");
  const auto whole = co_await world.take(*after, 3);
  const std::vector<std::string> kept{"c=1@1", "b=(null)@4", "a=3@5"};
  world.report.equal(shown(whole), kept, "Reading on over a gap in the middle");
}

Task<> compaction_under_a_reader(World& world) {
  const std::string topic = co_await world.topic(compacted());
  for (int i = 0; i < 100; ++i) co_await world.send(topic, Record("key-" + std::to_string(i % 10), std::to_string(i)));
  ConsumerSpec spec = world.reader_of(topic);
  spec.poll_max_records = 10;
  const auto reader = world.bus.subscribe(std::move(spec));
  const auto first = co_await world.take(*reader, 10);
  co_await compact_now(world, topic);
  world.report.equal(values_of(first), numbers(0, 10), "What was read stays as it was read");
  std::map<std::string, std::string> view;
  std::int64_t last = first.back().position.offset;
  while (last < 99) {
    const Records batch = co_await world.records(*reader);
    for (const ConsumerRecord& read : batch.records) {
      world.report.expect(read.position.offset > last, "Offsets go on rising");
      last = read.position.offset;
      view[std::string(read.record->key().value_or(""))] = value_of(read);
    }
  }
  world.report.equal(view.size(), 10U, "Keys seen after the compaction");
  for (const auto& [key, value] : view) world.report.equal(value, "9" + key.substr(4), "The last value of " + key);
}

Task<> tombstones_go_later(World& world) {
  const std::string topic = co_await world.topic(compacted("10000"));
  co_await fill(world, topic);
  const bool compacted_once = co_await compacted_to(world, topic, 3);
  world.report.expect(compacted_once, "The tombstone outlives the value that it deletes");
  const bool dropped = co_await compacted_to(world, topic, 2);
  world.report.expect(dropped, "It is dropped after its delay");
  const auto log = co_await world.log(topic);
  world.report.equal(shown(without_filler(log)), std::vector<std::string>({"c=1@1", "a=3@5"}), "What is left");
}

Task<> tombstones_stay_their_delay(World& world) {
  const std::string topic = co_await world.topic(compacted("20000"));
  const Timestamp filled = world.clock.now();
  co_await fill(world, topic);
  while (world.clock.now() < filled + seconds(15)) {
    co_await world.send(topic, Record("filler", "x"));
    co_await sleep_for(world.clock, seconds(1));
  }
  const auto log = co_await world.log(topic);
  const auto kept = shown(without_filler(log));
  const bool in_time = world.clock.now() < filled + seconds(20);  // else the machine was too busy to tell
  world.report.expect(std::ranges::count(kept, "b=(null)@4") == 1 || !in_time,
                      "After 15 of 20 seconds it is there for late readers");
}

}  // namespace

std::vector<Case> compaction_cases() {
  return {
      {"A late reader sees a tombstone and the last values", tombstone_and_late_reader, {Need::compaction}},
      {"Compaction keeps the last record of each key and moves no offset",
       keeps_the_last_of_each_key,
       {Need::compaction}},
      {"A topic can be compacted at once", on_demand, {Need::compaction_on_demand}},
      {"A compaction tells what it has removed", what_went_is_told, {Need::compaction_on_demand}},
      {"Only a compacted topic can be compacted", compaction_refused, {Need::compaction_on_demand}},
      {"A compacted topic takes no record without a key", key_is_needed, {Need::compaction}},
      {"Who reads over a gap goes on after it", reading_over_gaps, {Need::compaction_on_demand}},
      {"Compaction under a reader changes nothing that it has, and loses no last value",
       compaction_under_a_reader,
       {Need::compaction_on_demand}},
      {"A tombstone is dropped after its delay", tombstones_go_later, {Need::compaction}},
      {"A tombstone stays for its delay", tombstones_stay_their_delay, {Need::compaction}},
  };
}

}  // namespace foodorder::conformance
