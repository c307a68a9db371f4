#include "member.hpp"

#include <algorithm>

// What other clients and operators do to a log: offsets without a record, topics deleted, made again, or made larger.

namespace foodorder::conformance {

namespace {

/// A reader and the member of a group, side by side.
struct Watchers {
  Watchers(World& the_world, std::string topic_name)
      : world(the_world),
        topic(std::move(topic_name)),
        group(world.name("group")),
        reader(world, world.reader_of(topic)),
        member(world, world.member_of(group, topic), Member::Commits::by_batch_unless_fenced) {}

  /// Of partition 0; -1: it does not own it.
  static std::int64_t position_of(Member& watcher) {
    for (const Position& position : watcher.consumer().assignment())
      if (position.tp.partition == 0) return position.offset;
    return -1;
  }

  World& world;
  std::string topic;
  std::string group;
  Member reader;
  Member member;
};

/// Both come to the end of partition 0, the group's lag returns to 0, and pages of the log end there, too.
Task<> reach_the_end(Watchers& watchers) {
  World& world = watchers.world;
  const PartitionDescription described = co_await world.partition(watchers.topic);
  const std::int64_t end = described.end_offset;
  const bool read = co_await world.eventually([&] { return Watchers::position_of(watchers.reader) >= end; });
  world.report.expect(read, "A reader comes to the end");
  const bool taken = co_await world.eventually([&] { return Watchers::position_of(watchers.member) >= end; });
  world.report.expect(taken, "A member comes to the end");
  const Timestamp deadline = world.clock.now() + World::patience;
  GroupPartition shown = co_await world.group_partition(watchers.group, watchers.topic);
  while (shown.lag > 0 && world.clock.now() < deadline) {
    co_await sleep_for(world.clock, milliseconds(100));
    shown = co_await world.group_partition(watchers.group, watchers.topic);
  }
  world.report.equal(shown.lag, 0, "The group's lag");
  std::int64_t next = described.start_offset;
  std::int64_t last = end;
  for (int pages = 0; next < last && pages < 1'000; ++pages) {
    TopicPartition tp(watchers.topic, 0);
    const auto answer = co_await world.admin.read(std::move(tp), next, ReadLimits());
    const ReadPage page = world.report.need(answer, "A page of the log");
    next = page.next_offset;
    last = page.end_offset;
  }
  world.report.equal(next, last, "Pages of the log end");
  // An open transaction may have ended meanwhile: then the end has moved on.
  const PartitionDescription after = co_await world.partition(watchers.topic);
  if (after.end_offset != end) co_return;
  world.report.equal(last, end, "The end that pages tell");
  world.report.equal(Watchers::position_of(watchers.reader), end, "The reader's position");
  world.report.equal(Watchers::position_of(watchers.member), end, "The member's position");
}

Task<> ends_with(World& world, Ending ending, std::vector<std::string> wanted) {
  Watchers watchers(world, co_await world.topic());
  co_await world.send(watchers.topic, Record("key", "before"));
  world.backend->transact(watchers.topic, ending, 2);
  // A transaction that times out is aborted by the broker when it looks the next time.
  const Timestamp deadline = world.clock.now() + World::patience;
  PartitionDescription described = co_await world.partition(watchers.topic);
  while (described.end_offset < 4 && world.clock.now() < deadline) {
    co_await sleep_for(world.clock, milliseconds(200));
    described = co_await world.partition(watchers.topic);
  }
  world.report.equal(described.end_offset, 4, "The end, with the transaction's marker");
  co_await reach_the_end(watchers);
  world.report.equal(values_of(watchers.reader.records), wanted, "What a reader has read");
  world.report.equal(values_of(watchers.member.records), wanted, "What a member has read");
  Watchers late(world, watchers.topic);
  co_await reach_the_end(late);
  world.report.equal(values_of(late.reader.records), wanted, "What a late reader has read");
}

Task<> committed_transaction(World& world) {
  return ends_with(world, Ending::committed, {"before", "transaction 0", "transaction 1"});
}
Task<> aborted_transaction(World& world) { return ends_with(world, Ending::aborted, {"before"}); }
Task<> transaction_that_times_out(World& world) { return ends_with(world, Ending::timed_out, {"before"}); }

/// Who asks for all sees what others do not, and how each transaction ended.
Task<> uncommitted_is_marked(World& world) {
  using State = TransactionSpan::State;
  const std::string topic = co_await world.topic();
  co_await world.send(topic, Record("key", "before"));
  world.backend->transact(topic, Ending::aborted, 2);
  world.backend->transact(topic, Ending::committed, 1);
  ReadLimits limits;
  limits.isolation = Isolation::uncommitted;
  const TopicPartition tp(topic, 0);
  const auto read = co_await world.admin.read(tp, 0, limits);
  const ReadPage page = world.report.need(read, "A page of all records");
  world.report.equal(values_of(page.records),
                     std::vector<std::string>({"before", "transaction 0", "transaction 1", "transaction 0"}),
                     "Records, those of the aborted transaction among them");
  std::vector<std::string> told;
  for (const TransactionSpan& span : page.transactions)
    for (std::int64_t offset = span.first; offset <= span.last; ++offset)
      told.push_back(std::to_string(offset) + (span.marker ? " marker" : "") +
                     (span.state == State::committed ? " committed"
                      : span.state == State::aborted ? " aborted"
                                                     : " open"));
  world.report.equal(
      told,
      std::vector<std::string>({"1 aborted", "2 aborted", "3 marker aborted", "4 committed", "5 marker committed"}),
      "Where the transactions are");
  const auto within = co_await world.admin.read(tp, 2, limits);
  const ReadPage rest = world.report.need(within, "A page from within a transaction");
  world.report.need(!rest.transactions.empty(), "Its transactions are told");
  world.report.expect(rest.transactions.front().state == State::aborted, "The first is aborted there, too");
  const auto others = co_await world.admin.read(tp, 0, ReadLimits());
  world.report.equal(values_of(world.report.need(others, "A page of committed records").records),
                     std::vector<std::string>({"before", "transaction 0"}), "What others see");
}

Task<> open_transaction(World& world) {
  Watchers watchers(world, co_await world.topic());
  co_await world.send(watchers.topic, Record("key", "before"));
  world.backend->transact(watchers.topic, Ending::timed_out, 2);
  co_await world.send(watchers.topic, Record("key", "behind"));
  const PartitionDescription open = co_await world.partition(watchers.topic);
  if (open.end_offset == 1) co_await reach_the_end(watchers);  // else the broker was quicker
  const bool all = co_await world.eventually([&] { return watchers.reader.records.size() == 2; });
  world.report.expect(all, "What stands behind it is read once it has ended");
  co_await reach_the_end(watchers);
  world.report.equal(values_of(watchers.member.records), std::vector<std::string>({"before", "behind"}),
                     "What a member has read");
}

Task<> end_was_compacted_away(World& world) {
  TopicSpec spec("order-status", 1, Cleanup::by_compaction);
  spec.config["delete.retention.ms"] = "0";
  const std::string topic = co_await world.topic(std::move(spec));
  for (const char* key : {"a", "b"}) {
    co_await world.send(topic, Record(key, "1"));
    co_await world.send(topic, Record(key, std::nullopt));
  }
  const auto compacted = co_await world.admin.compact(topic);
  world.report.need(compacted, "A compacted topic can be compacted");
  const auto log = co_await world.log(topic);
  world.report.expect(log.empty(), "Nothing is left of it");
  ConsumerSpec from_within = world.reader_of(topic);
  from_within.start = at(topic, 0, 1);
  const auto reader = world.bus.subscribe(std::move(from_within));
  co_await world.assigned(*reader);
  auto next = co_await reader->next();
  const ConsumerEvent event = world.report.need(std::move(next), "A reader is told that its position has moved");
  const auto* batch = std::get_if<Records>(&event);
  world.report.need(batch != nullptr && batch->records.empty(), "It is told so without a record");
  world.report.equal(batch->next_offsets, at(topic, 0, 4), "The next offset");
}

/// Sends to a partition that a producer may not know yet.
Task<> send_when_known(World& world, std::string topic, std::int32_t partition, std::string value) {
  const auto producer = world.producer();
  const Timestamp deadline = world.clock.now() + World::patience;
  for (;;) {
    ProducerRecord record(topic, Record("key", value));
    record.partition = partition;
    const auto result = co_await producer->send(std::move(record));
    if (result) co_return;
    if (world.clock.now() >= deadline) world.report.need(result, "A record to a new partition is acknowledged");
    co_await sleep_for(world.clock, milliseconds(100));
  }
}

Task<> topic_made_again(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 3);
  Watchers watchers(world, topic);
  co_await reach_the_end(watchers);
  std::vector<std::string> asked(1, topic);
  const auto before = co_await world.bus.log_id(std::move(asked));
  world.backend->delete_topic(topic);
  co_await world.a_while();
  std::vector<TopicSpec> again(1, TopicSpec(topic, 1));
  auto made = co_await world.admin.ensure_topics(again);
  for (const Timestamp deadline = world.clock.now() + World::patience; !made && world.clock.now() < deadline;) {
    co_await sleep_for(world.clock, milliseconds(100));
    made = co_await world.admin.ensure_topics(again);
  }
  world.report.need(made, "The topic is made again");
  // More than there was before: no offset tells that these are others.
  co_await send_when_known(world, topic, 0, "100");
  co_await world.send_numbers(topic, 4, 0, 101);
  // Until it is noticed, they may read on where they were in the old one.
  const auto has_all = [](const Member& watcher) {
    const std::vector<std::string> read = values_of(watcher.records);
    return watcher.assignments.size() > 1 && read.back() == "104" && std::ranges::count(read, "100") == 1;
  };
  const bool read = co_await world.eventually([&] { return has_all(watchers.reader) && has_all(watchers.member); });
  world.report.expect(read, "Both read the new log from its beginning");
  for (Member* watcher : {&watchers.reader, &watchers.member}) {
    watcher->records.erase(watcher->records.begin(), watcher->records.end() - 5);
    world.report.equal(values_of(watcher->records), numbers(100, 105), "The new log");
    world.report.expect(!watcher->revocations.empty(), "The partition of the old log is taken away");
  }
  co_await reach_the_end(watchers);
  asked = std::vector<std::string>(1, topic);
  const auto after = co_await world.bus.log_id(std::move(asked));
  world.report.expect(world.report.need(after, "A log has an id") != world.report.need(before, "A log has an id"),
                      "The new log has another id");
}

Task<> partitions_are_added(World& world) {
  const std::string topic = co_await world.topic();
  Watchers watchers(world, topic);
  co_await world.send_numbers(topic, 2);
  co_await reach_the_end(watchers);
  world.backend->add_partitions(topic, 2);
  co_await send_when_known(world, topic, 1, "added");
  const auto has_all = [](const Member& watcher) { return watcher.records.size() >= 3; };
  const bool read = co_await world.eventually([&] { return has_all(watchers.reader) && has_all(watchers.member); });
  world.report.expect(read, "Both read the partition that was added");
  world.report.equal(value_of(watchers.reader.records.back()), std::string("added"), "From its beginning");
}

}  // namespace

std::vector<Case> foreign_cases() {
  return {
      {"A committed transaction is read, and its marker is passed over", committed_transaction, {Need::transactions}},
      {"An aborted transaction is not read, and is passed over", aborted_transaction, {Need::transactions}},
      {"A transaction that times out is not read, and is passed over",
       transaction_that_times_out,
       {Need::transactions}},
      {"A reader of uncommitted records sees which are of aborted transactions, and where the markers are",
       uncommitted_is_marked,
       {Need::transactions}},
      {"While a transaction is open its partition ends before it", open_transaction, {Need::transactions}},
      {"A log whose last records were compacted away is read to its end",
       end_was_compacted_away,
       {Need::compaction_on_demand}},
      {"A topic that is deleted and made again is read from its beginning", topic_made_again, {Need::topic_changes}},
      {"Partitions that are added to a topic are read, too", partitions_are_added, {Need::topic_changes}},
  };
}

}  // namespace foodorder::conformance
