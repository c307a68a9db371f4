#include "member.hpp"

#include <algorithm>

// What is read, and by whom: members and readers, beginnings, batches, waiting and closing.

namespace foodorder::conformance {

namespace {

Task<> delivered_once(World& world) {
  const std::string topic = co_await world.topic(3);
  for (int i = 0; i < 100; ++i) co_await world.send(topic, Record("key-" + std::to_string(i), std::to_string(i)));
  Member member(world, world.member_of(world.name("group"), topic), Member::Commits::by_batch);
  const bool all = co_await world.eventually([&] { return member.records.size() >= 100; });
  world.report.expect(all, "Every record is delivered");
  co_await world.a_while();
  auto values = values_of(member.records);
  std::ranges::sort(values, {}, [](const std::string& text) { return std::stoi(text); });
  world.report.equal(values, numbers(0, 100), "Each record once");
}

Task<> assigned_before_records(World& world) {
  const std::string topic = co_await world.topic(2);
  co_await world.send_numbers(topic, 3, 1);
  const auto consumer = world.bus.subscribe(world.member_of(world.name("group"), topic));
  auto first = co_await consumer->next();
  const ConsumerEvent event = world.report.need(std::move(first), "The first event");
  const auto* assigned = std::get_if<Assigned>(&event);
  world.report.need(assigned != nullptr, "The first event is an assignment");
  std::vector<Position> wanted = at(topic, 0, 0);
  wanted.emplace_back(TopicPartition(topic, 1), 0);
  auto positions = assigned->positions;
  std::ranges::sort(positions);
  world.report.equal(positions, wanted, "It names each partition with the next offset to be read");
  const auto taken = co_await world.take(*consumer, 3);
  world.report.equal(values_of(taken), numbers(0, 3), "Then come the records");
  auto owned = consumer->assignment();
  std::ranges::sort(owned);
  wanted[1].offset = 3;
  world.report.equal(owned, wanted, "assignment() moves on with what was delivered");
}

Task<> batches_are_bounded(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 50);
  ConsumerSpec spec = world.reader_of(topic);
  spec.poll_max_records = 7;
  Member reader(world, std::move(spec));
  const bool all = co_await world.eventually([&] { return reader.records.size() >= 50; });
  world.report.expect(all, "Every record is delivered");
  world.report.expect(reader.largest_batch >= 1 && reader.largest_batch <= 7, "No batch holds more than was asked for");
  world.report.equal(values_of(reader.records), numbers(0, 50), "In the order of their offsets across batches");
}

Task<> order_across_batches(World& world) {
  const std::string topic = co_await world.topic(3);
  ConsumerSpec spec = world.member_of(world.name("group"), topic);
  spec.poll_max_records = 10;
  Member member(world, std::move(spec), Member::Commits::by_batch);
  // Some before it has joined, some while it reads.
  for (int round = 0; round < 5; ++round)
    for (std::int32_t partition = 0; partition < 3; ++partition)
      co_await world.send_numbers(topic, 30, partition, 30 * round);
  const bool all = co_await world.eventually([&] { return member.records.size() >= 450; });
  world.report.expect(all, "Every record is delivered");
  std::map<std::int32_t, std::vector<std::string>> by_partition;
  for (const ConsumerRecord& read : member.records) by_partition[read.position.tp.partition].push_back(value_of(read));
  for (const auto& [partition, values] : by_partition)
    world.report.equal(values, numbers(0, 150), "In order: partition " + std::to_string(partition));
}

Task<> topics_are_apart(World& world) {
  const std::string mine = co_await world.topic();
  const std::string other = co_await world.topic();
  Member member(world, world.member_of(world.name("group"), mine));
  co_await world.send(other, Record("key", "not for me"));
  co_await world.send(mine, Record("key", "for me"));
  const bool some = co_await world.eventually([&] { return !member.records.empty(); });
  world.report.expect(some, "A record of its topic arrives");
  co_await world.a_while();
  world.report.equal(values_of(member.records), std::vector<std::string>({"for me"}), "And none of another topic");
}

Task<> several_topics(World& world) {
  const std::string first = co_await world.topic();
  const std::string second = co_await world.topic();
  ConsumerSpec spec = world.member_of(world.name("group"), first);
  spec.topics.push_back(second);
  Member member(world, std::move(spec));
  co_await world.send(first, Record("key", "1"));
  co_await world.send(second, Record("key", "2"));
  const bool both = co_await world.eventually([&] { return member.records.size() >= 2; });
  world.report.expect(both, "Records of both topics arrive");
  world.report.expect(member.owns(first, 0) && member.owns(second, 0), "It owns the partitions of both");
}

Task<> reader_sees_all(World& world) {
  const std::string topic = co_await world.topic(3);
  for (std::int32_t partition = 0; partition < 3; ++partition) co_await world.send_numbers(topic, 5, partition);
  Member one(world, world.reader_of(topic));
  Member two(world, world.reader_of(topic));
  const bool both = co_await world.eventually([&] { return one.records.size() >= 15 && two.records.size() >= 15; });
  world.report.expect(both, "Two readers see every record each");
  world.report.equal(one.owned().size(), 3U, "A reader has all partitions");
  world.report.equal(two.owned().size(), 3U, "And so has the other");
}

Task<> reader_commits_nothing(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 3);
  const auto first = world.bus.subscribe(world.reader_of(topic));
  co_await world.take(*first, 3);
  auto positions = at(topic, 0, 3);
  const auto refused = co_await first->commit(std::move(positions));
  world.report.refused(refused, Errc::invalid_argument, "A reader's commit");
  co_await first->close();
  const auto second = world.bus.subscribe(world.reader_of(topic));
  const auto again = co_await world.take(*second, 3);
  world.report.equal(values_of(again), numbers(0, 3), "The next reader begins at the beginning again");
}

Task<> reader_begins_where_told(World& world) {
  const std::string topic = co_await world.topic(2);
  co_await world.send_numbers(topic, 5, 0);
  co_await world.send_numbers(topic, 5, 1, 100);
  ConsumerSpec spec = world.reader_of(topic);
  spec.start = at(topic, 0, 3);
  Member reader(world, std::move(spec));
  const bool all = co_await world.eventually([&] { return reader.records.size() >= 7; });
  world.report.expect(all, "What is asked for arrives");
  co_await world.a_while();
  std::vector<std::string> from_0;
  std::vector<std::string> from_1;
  for (const ConsumerRecord& read : reader.records)
    (read.position.tp.partition == 0 ? from_0 : from_1).push_back(value_of(read));
  world.report.equal(from_0, numbers(3, 5), "A partition that is named begins there");
  world.report.equal(from_1, numbers(100, 105), "The others follow offset_reset");
}

Task<> latest_misses_the_old(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 3);
  ConsumerSpec spec = world.member_of(world.name("group"), topic);
  spec.offset_reset = ConsumerSpec::OffsetReset::latest;
  Member member(world, std::move(spec));
  const bool joined = co_await world.eventually([&] { return !member.owned().empty(); });
  world.report.expect(joined, "It joins");
  co_await world.a_while();
  co_await world.send_numbers(topic, 2, 0, 3);
  const bool both = co_await world.eventually([&] { return member.records.size() >= 2; });
  world.report.expect(both, "What comes after its assignment arrives");
  world.report.equal(values_of(member.records), numbers(3, 5), "What was there before does not");
}

Task<> earliest_sees_the_old(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 3);
  const auto member = world.bus.subscribe(world.member_of(world.name("group"), topic));
  const auto taken = co_await world.take(*member, 3);
  world.report.equal(values_of(taken), numbers(0, 3), "What was there before it joined");
}

Task<> waiting_consumer_wakes(World& world) {
  const std::string topic = co_await world.topic(2);
  Member member(world, world.member_of(world.name("group"), topic), Member::Commits::by_batch);
  const bool joined = co_await world.eventually([&] { return member.owned().size() == 2; });
  world.report.expect(joined, "It joins");
  // One at a time: nothing that comes later could wake it in the place of this one.
  for (int i = 0; i < 6; ++i) {
    const auto wanted = static_cast<std::size_t>(i) + 1;
    co_await world.a_while();
    co_await world.send_numbers(topic, 1, i % 2, i);
    const bool woken = co_await world.eventually([&] { return member.records.size() >= wanted; });
    world.report.need(woken, "A consumer that waits is woken by a single record");
  }
  world.report.equal(values_of(member.records), numbers(0, 6), "One by one");
}

Task<> close_wakes(World& world) {
  const std::string topic = co_await world.topic();
  Member member(world, world.member_of(world.name("group"), topic));
  Member reader(world, world.reader_of(topic));
  const bool waiting = co_await world.eventually([&] { return !member.owned().empty() && !reader.owned().empty(); });
  world.report.expect(waiting, "Both wait for records");
  co_await world.a_while();
  co_await member.close();
  co_await reader.close();
  const bool both = co_await world.eventually([&] { return member.ended && reader.ended; });
  world.report.expect(both, "close() wakes a next() that waits");
  world.report.equal(member.ended, std::optional(Errc::closed), "The member's next() ends with");
  world.report.equal(reader.ended, std::optional(Errc::closed), "The reader's next() ends with");
}

Task<> close_is_idempotent(World& world) {
  const std::string topic = co_await world.topic();
  const auto member = world.bus.subscribe(world.member_of(world.name("group"), topic));
  co_await world.assigned(*member);
  co_await member->close();
  co_await member->close();
  const auto event = co_await member->next();
  world.report.refused(event, Errc::closed, "next() after close()");
  auto positions = at(topic, 0, 0);
  const auto committed = co_await member->commit(std::move(positions));
  world.report.refused(committed, Errc::closed, "commit() after close()");
  world.report.equal(member->assignment().size(), 0U, "Partitions that a closed member owns");
}

Task<> many_close_at_once(World& world) {
  const std::string topic = co_await world.topic(4);
  const std::string group = world.name("group");
  std::vector<std::unique_ptr<Member>> members;
  for (int i = 0; i < 6; ++i) members.push_back(std::make_unique<Member>(world, world.member_of(group, topic)));
  co_await world.a_while();
  for (const auto& member : members) co_await member->close();  // some of them in the middle of a rebalance
  const bool all = co_await world.eventually(
      [&] { return std::ranges::all_of(members, [](const auto& member) { return member->ended == Errc::closed; }); });
  world.report.expect(all, "Members that close while others join and leave all end with closed");
}

Task<> slow_group_holds_up_no_other(World& world) {
  const std::string topic = co_await world.topic();
  Member slow(world, world.member_of(world.name("slow"), topic));
  Member quick(world, world.member_of(world.name("quick"), topic), Member::Commits::by_batch);
  const bool both = co_await world.eventually([&] { return !slow.owned().empty() && !quick.owned().empty(); });
  world.report.expect(both, "Both groups have a member");
  slow.stall();
  co_await world.send_numbers(topic, 1000);
  const bool all = co_await world.eventually([&] { return quick.records.size() >= 1000; });
  world.report.expect(all, "A group reads on while another's member sits on what it was given");
}

Task<> unwanted_may_be_left_out(World& world) {
  const std::string topic = co_await world.topic(2);
  for (std::int32_t partition = 0; partition < 2; ++partition) co_await world.send_numbers(topic, 1000, partition);
  co_await world.send(topic, Record("key", std::nullopt), 0);
  co_await world.send_numbers(topic, 50, 1, 1000);
  ConsumerSpec spec = world.reader_of(topic);
  spec.wants = [](std::string_view, std::string_view value) { return value.ends_with("77"); };
  Member reader(world, std::move(spec));
  const auto all_passed = [&] {
    const auto at = reader.consumer().assignment();
    return at.size() == 2 && at[0].offset + at[1].offset == 2051;
  };
  const bool all = co_await world.eventually(all_passed);
  world.report.expect(all, "It comes to the ends of the partitions, whatever their last records are");
  std::erase_if(reader.records, [&](const ConsumerRecord& read) {
    return read.record->value() && !read.record->value()->ends_with("77");
  });
  std::map<std::int32_t, std::vector<std::string>> by_partition;
  for (const ConsumerRecord& read : reader.records) by_partition[read.position.tp.partition].push_back(value_of(read));
  const std::vector<std::string> wanted = {"77", "177", "277", "377", "477", "577", "677", "777", "877", "977"};
  world.report.equal(by_partition[1], wanted, "Each record that is wanted comes, in order");
  world.report.equal(by_partition[0].size(), wanted.size() + 1, "And so does a tombstone");
}

}  // namespace

std::vector<Case> consuming_cases() {
  return {
      {"A group that commits is given each record once", delivered_once, {Need::groups}},
      {"A member first learns what it owns and from where, then gets records",
       assigned_before_records,
       {Need::own_records}},
      {"No batch holds more records than poll_max_records", batches_are_bounded},
      {"Within a partition records come in the order of their offsets, across batches",
       order_across_batches,
       {Need::own_records}},
      {"A consumer gets no record of a topic that it did not ask for", topics_are_apart, {Need::own_records}},
      {"A consumer of several topics gets the records of all", several_topics, {Need::own_records}},
      {"A reader without a group sees every record of every partition", reader_sees_all, {Need::own_records}},
      {"A reader without a group commits nothing", reader_commits_nothing},
      {"A reader begins at the offsets that it asks for, partition by partition",
       reader_begins_where_told,
       {Need::own_records}},
      {"Latest misses what was there before", latest_misses_the_old},
      {"Earliest sees what was there before", earliest_sees_the_old},
      {"A consumer that waits is woken by a single record", waiting_consumer_wakes, {Need::own_records}},
      {"Closing a consumer wakes its waiting next() with closed", close_wakes},
      {"Closing a consumer again does nothing, and it stays closed", close_is_idempotent},
      {"Members may close while others join and leave", many_close_at_once, {Need::groups}},
      {"A slow member of one group holds up no other group", slow_group_holds_up_no_other, {Need::groups}},
      {"What a reader does not want may be left out, and keeps it from nothing",
       unwanted_may_be_left_out,
       {Need::own_records}},
  };
}

}  // namespace foodorder::conformance
