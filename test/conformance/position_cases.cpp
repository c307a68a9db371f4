#include "member.hpp"

// Where a consumer reads on: seek, pause and resume.

namespace foodorder::conformance {

namespace {

/// A member of a new group that owns partition 0 of a topic with "0" to "9", and has read them all.
struct Settled {
  Settled(std::string topic_name, std::unique_ptr<Consumer> the_consumer)
      : topic(std::move(topic_name)), consumer(std::move(the_consumer)) {}

  [[nodiscard]] TopicPartition tp() const { return TopicPartition(topic, 0); }

  std::string topic;
  std::unique_ptr<Consumer> consumer;
};

Task<Settled> settled(World& world) {
  std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 10);
  auto consumer = world.bus.subscribe(world.member_of(world.name("group"), topic));
  co_await world.take(*consumer, 10);
  Settled result(std::move(topic), std::move(consumer));
  co_return result;
}

/// Seeks, and returns what it reads from there.
Task<std::vector<std::string>> read_from(World& world, Settled& member, Where where, std::size_t count) {
  const auto sought = co_await member.consumer->seek(member.tp(), where);
  world.report.need(sought, "The owner of a partition can seek");
  const auto taken = co_await world.take(*member.consumer, count);
  co_return values_of(taken);
}

Task<> seek_to_offset(World& world) {
  Settled member = co_await settled(world);
  const auto back = co_await read_from(world, member, Where::at_offset(7), 3);
  world.report.equal(back, numbers(7, 10), "After a seek back to offset 7");
  const auto again = co_await read_from(world, member, Where::at_offset(4), 6);
  world.report.equal(again, numbers(4, 10), "After a seek back to offset 4");
}

Task<> seek_to_beginning(World& world) {
  Settled member = co_await settled(world);
  const auto taken = co_await read_from(world, member, Where::beginning(), 10);
  world.report.equal(taken, numbers(0, 10), "After a seek to the beginning");
}

Task<> seek_to_end(World& world) {
  Settled member = co_await settled(world);
  const auto back = co_await member.consumer->seek(member.tp(), Where::beginning());
  world.report.succeeded(back, "A seek to the beginning");
  const auto end = co_await member.consumer->seek(member.tp(), Where::end());
  world.report.succeeded(end, "A seek to the end");
  co_await world.send_numbers(member.topic, 1, 0, 10);
  const auto taken = co_await world.take(*member.consumer, 1);
  world.report.equal(values_of(taken), numbers(10, 11), "After a seek to the end, the first thing read");
}

Task<> seek_to_time(World& world) {
  const std::string topic = co_await world.topic();
  const Timestamp start = world.clock.now() - std::chrono::hours(1);
  for (int i = 0; i < 5; ++i) {
    Record record("key", std::to_string(i));
    record.timestamp = start + i * seconds(10);
    co_await world.send(topic, std::move(record));
  }
  auto consumer = world.bus.subscribe(world.member_of(world.name("group"), topic));
  co_await world.take(*consumer, 5);
  Settled member(topic, std::move(consumer));
  const auto exact = co_await read_from(world, member, Where::at_time(start + seconds(30)), 2);
  world.report.equal(exact, numbers(3, 5), "From the record with exactly that time");
  const auto between = co_await read_from(world, member, Where::at_time(start + seconds(11)), 3);
  world.report.equal(between, numbers(2, 5), "From the first record after that time");
  const auto late = co_await member.consumer->seek(member.tp(), Where::at_time(start + seconds(41)));
  world.report.succeeded(late, "A seek to a time after the last record");
  co_await world.send_numbers(topic, 1, 0, 5);
  const auto taken = co_await world.take(*member.consumer, 1);
  world.report.equal(values_of(taken), numbers(5, 6), "A time after the last record is the end");
}

Task<> seek_only_what_is_owned(World& world) {
  Settled member = co_await settled(world);
  const auto elsewhere = co_await member.consumer->seek(TopicPartition(member.topic, 1), Where::beginning());
  world.report.refused(elsewhere, Errc::fenced, "A seek on a partition that it does not own");
  const auto beyond = co_await member.consumer->seek(member.tp(), Where::at_offset(11));
  world.report.refused(beyond, Errc::out_of_range, "A seek to an offset after the end");
  co_await world.send_numbers(member.topic, 1, 0, 10);
  const auto taken = co_await world.take(*member.consumer, 1);
  world.report.equal(values_of(taken), numbers(10, 11), "A refused seek moves nothing");
}

Task<> pause_and_resume(World& world) {
  const std::string topic = co_await world.topic(2);
  Member member(world, world.member_of(world.name("group"), topic), Member::Commits::by_batch);
  const bool joined = co_await world.eventually([&] { return member.owned().size() == 2; });
  world.report.expect(joined, "It joins");
  const std::vector<TopicPartition> first{TopicPartition(topic, 0)};
  member.consumer().pause(first);
  co_await world.send_numbers(topic, 5, 0, 0);
  co_await world.send_numbers(topic, 5, 1, 100);
  const bool others = co_await world.eventually([&] { return member.records.size() >= 5; });
  world.report.expect(others, "The other partition goes on");
  co_await world.a_while();
  world.report.equal(values_of(member.records), numbers(100, 105), "While one is paused only the other is read");
  member.consumer().resume(first);
  const bool all = co_await world.eventually([&] { return member.records.size() >= 10; });
  world.report.expect(all, "A resumed partition goes on");
  member.records.erase(member.records.begin(), member.records.begin() + 5);
  world.report.equal(values_of(member.records), numbers(0, 5), "With nothing lost and nothing doubled");
}

Task<> pause_while_reading(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 30);
  ConsumerSpec spec = world.member_of(world.name("group"), topic);
  spec.poll_max_records = 10;
  const auto consumer = world.bus.subscribe(std::move(spec));
  const Records batch = co_await world.records(*consumer);
  const auto count = static_cast<int>(batch.records.size());
  const std::vector<TopicPartition> all{TopicPartition(topic, 0)};
  consumer->pause(all);
  world.report.equal(consumer->assignment(), at(topic, 0, count), "A paused partition is owned, and stands still");
  consumer->resume(all);
  const auto rest = co_await world.take(*consumer, static_cast<std::size_t>(30 - count));
  world.report.equal(values_of(rest), numbers(count, 30), "It goes on where it was");
}

Task<> pause_before_the_first_record(World& world) {
  const std::string topic = co_await world.topic();
  co_await world.send_numbers(topic, 20);
  const auto consumer = world.bus.subscribe(world.member_of(world.name("group"), topic));
  co_await world.assigned(*consumer);
  const std::vector<TopicPartition> all{TopicPartition(topic, 0)};
  consumer->pause(all);
  co_await world.a_while();
  consumer->resume(all);
  const auto taken = co_await world.take(*consumer, 20);
  world.report.equal(values_of(taken), numbers(0, 20), "It begins where it would have begun");
}

/// 10,000 more, in one partition.
Task<> send_many(World& world, std::string topic, int first) {
  const auto producer = world.producer();
  for (int next = first; next < first + 10'000; next += 1'000) {
    std::vector<ProducerRecord> batch;
    for (int i = next; i < next + 1'000; ++i) batch.emplace_back(topic, Record("key", std::to_string(i)));
    const auto results = co_await producer->send_all(std::move(batch));
    for (const auto& result : results) world.report.succeeded(result, "Each is written");
  }
}

Task<> far_behind_the_others(World& world) {
  const std::string topic = co_await world.topic();
  const auto ahead = world.bus.subscribe(world.reader_of(topic));
  const auto behind = world.bus.subscribe(world.reader_of(topic));
  co_await world.assigned(*ahead);
  co_await world.assigned(*behind);
  const std::vector<TopicPartition> all{TopicPartition(topic, 0)};
  behind->pause(all);
  co_await send_many(world, topic, 0);
  const auto others = co_await world.take(*ahead, 10'000);
  world.report.expect(values_of(others) == numbers(0, 10'000), "Who keeps up reads all in order");
  behind->resume(all);
  const auto late = co_await world.take(*behind, 10'000);
  world.report.expect(values_of(late) == numbers(0, 10'000), "Who was paused reads all in order");
  co_await send_many(world, topic, 10'000);
  const auto again = co_await world.take(*behind, 10'000);
  world.report.expect(values_of(again) == numbers(10'000, 20'000), "And so it goes on");
}

Task<> paused_stays_member(World& world) {
  const std::string topic = co_await world.topic();
  const std::string group = world.name("group");
  ConsumerSpec spec = world.member_of(group, topic);
  spec.session_timeout = world.session();
  Member paused(world, spec);
  const bool joined = co_await world.eventually([&] { return paused.owns(topic, 0); });
  world.report.expect(joined, "It joins");
  paused.consumer().pause({TopicPartition(topic, 0)});
  co_await sleep_for(world.clock, world.session() * 3);
  world.report.equal(paused.revocations.size(), 0U, "What it lost in three sessions");
  const auto committed = co_await paused.consumer().commit(at(topic, 0, 0));
  world.report.succeeded(committed, "It may still commit");
}

Task<> assignment_starts_unpaused(World& world) {
  const std::string topic = co_await world.topic(2);
  const std::string group = world.name("group");
  Member member(world, world.member_of(group, topic), Member::Commits::by_batch);
  const bool joined = co_await world.eventually([&] { return member.owned().size() == 2; });
  world.report.expect(joined, "It joins");
  const std::vector<TopicPartition> both{TopicPartition(topic, 0), TopicPartition(topic, 1)};
  member.consumer().pause(both);
  Member guest(world, world.member_of(group, topic), Member::Commits::by_batch);
  const bool shared = co_await world.eventually([&] { return guest.owned().size() == 1; });
  world.report.expect(shared, "Another takes over a partition");
  const TopicPartition taken = guest.owned().empty() ? TopicPartition(topic, 1) : *guest.owned().begin();
  co_await guest.close();
  const bool back = co_await world.eventually([&] { return member.owned().size() == 2; });
  world.report.expect(back, "And gives it back");
  co_await world.send_numbers(topic, 3, taken.partition);
  const bool read = co_await world.eventually([&] { return member.records.size() >= 3; });
  world.report.expect(read, "A partition that comes back is not paused any more");
}

}  // namespace

std::vector<Case> position_cases() {
  return {
      {"A seek to an offset reads on from there", seek_to_offset},
      {"A seek to the beginning reads everything again", seek_to_beginning},
      {"A seek to the end leaves out what is in between", seek_to_end},
      {"A seek to a time reads from the first record at or after it", seek_to_time, {Need::seek_by_time}},
      {"A seek is refused on what is not owned and beyond the end", seek_only_what_is_owned},
      {"A paused partition waits, others go on, and resuming loses nothing", pause_and_resume, {Need::own_records}},
      {"Pausing in the middle keeps the place", pause_while_reading},
      {"Pausing before the first record keeps the place", pause_before_the_first_record},
      {"Who falls far behind the others reads all of it, and catches up with them", far_behind_the_others},
      {"A member stays a member while it is paused", paused_stays_member, {Need::groups}},
      {"An assignment starts unpaused", assignment_starts_unpaused, {Need::groups}},
  };
}

}  // namespace foodorder::conformance
