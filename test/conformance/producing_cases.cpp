#include "world.hpp"

#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

// What is sent: acknowledged where it is read, partitioned by key, byte for byte, in order, within limits.

namespace foodorder::conformance {

namespace {

Task<Result<Position>> send_to_partition(Producer& producer, std::string topic, Record record, std::int32_t partition) {
  ProducerRecord produced(std::move(topic), std::move(record));
  produced.partition = partition;
  auto result = co_await producer.send(std::move(produced));
  co_return result;
}

/// Sends one record and reads it back.
Task<Record> there_and_back(World& world, Record record) {
  const std::string topic = co_await world.topic();
  co_await world.send(topic, std::move(record));
  const auto log = co_await world.log(topic);
  world.report.need(log.size() == 1, "One record was sent and one is in the log");
  co_return *log[0].record;
}

Task<> read_where_acknowledged(World& world) {
  const std::string topic = co_await world.topic(3);
  std::vector<Position> acknowledged;
  for (int i = 0; i < 12; ++i) {
    const Position position = co_await world.send(topic, Record("key-" + std::to_string(i), std::to_string(i)));
    acknowledged.push_back(position);
  }
  const auto log = co_await world.log(topic);
  world.report.equal(log.size(), 12U, "Every acknowledged record is in the log, once");
  for (const ConsumerRecord& read : log) {
    const auto sent = static_cast<std::size_t>(std::stoi(value_of(read)));
    world.report.equal(read.position, acknowledged[sent], "A record lies where its acknowledgement says");
  }
}

Task<> same_key_same_partition(World& world) {
  const std::string topic = co_await world.topic(3);
  std::map<std::string, std::set<std::int32_t>> partitions_of;
  std::set<std::int32_t> used;
  for (int i = 0; i < 60; ++i) {
    const std::string key = "order-" + std::to_string(i % 20);
    const Position position = co_await world.send(topic, Record(key, "value"));
    partitions_of[key].insert(position.tp.partition);
    used.insert(position.tp.partition);
  }
  for (const auto& [key, partitions] : partitions_of)
    world.report.equal(partitions.size(), 1U, "All records of " + key + " are in one partition");
  world.report.equal(used.size(), 3U, "Twenty keys use all three partitions");
}

Task<> murmur2_parity(World& world) {
  // Keys and hashes as published in Kafka's UtilsTest.testMurmur2.
  struct Vector {
    const char* key;
    std::int32_t hash;
  };
  constexpr std::array vectors{Vector{"21", -973932308},
                               Vector{"foobar", -790332482},
                               Vector{"a-little-bit-long-string", -985981536},
                               Vector{"a-little-bit-longer-string", -1486304829},
                               Vector{"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971},
                               Vector{"abc", 479470107}};
  constexpr std::int32_t partitions = 7;
  const std::string topic = co_await world.topic(partitions);
  for (const Vector& vector : vectors) {
    const Position position = co_await world.send(topic, Record(vector.key, "value"));
    world.report.equal(position.tp.partition, (vector.hash & 0x7fffffff) % partitions,
                       std::string("The partition that Java's client chooses for ") + vector.key);
  }
}

Task<> named_partition_wins(World& world) {
  const std::string topic = co_await world.topic(3);
  for (std::int32_t partition = 0; partition < 3; ++partition) {
    const Position position = co_await world.send(topic, Record("same key", "value"), partition);
    world.report.equal(position.tp.partition, partition, "The record is where the producer put it");
  }
}

Task<> keyless_records_spread(World& world) {
  const std::string topic = co_await world.topic(3);
  std::set<std::int32_t> used;
  for (int i = 0; i < 300 && used.size() < 3; ++i) {
    const Position position = co_await world.send(topic, Record(std::nullopt, "value"));
    used.insert(position.tp.partition);
  }
  world.report.equal(used.size(), 3U, "Partitions that got records without a key");
}

Task<> gapless_offsets(World& world) {
  const std::string topic = co_await world.topic();
  const auto other = world.producer();
  std::vector<std::int64_t> offsets;
  std::vector<std::int64_t> wanted;
  for (std::int64_t i = 0; i < 10; ++i) {
    const Position first = co_await world.send(topic, Record("a", "value"));
    const auto second = co_await send_to_partition(*other, topic, Record("b", "value"), 0);
    world.report.need(second, "The second producer's record is acknowledged");
    offsets.insert(offsets.end(), {first.offset, second->offset});
    wanted.insert(wanted.end(), {2 * i, 2 * i + 1});
  }
  world.report.equal(offsets, wanted, "Offsets acknowledged to two producers");
  const PartitionDescription description = co_await world.partition(topic);
  world.report.equal(description.end_offset, 20, "The end is the offset that the next record will get");
}

Task<> headers_as_sent(World& world) {
  Headers headers;
  headers.add("trace", "first");
  headers.add("other", std::string("\0\xff\r\n", 4));
  headers.add("trace", "second");
  headers.add("trace", "first");
  const Record read = co_await there_and_back(world, Record("key", "value", headers));
  world.report.expect(read.headers == headers, "Headers are the same, one by one; got " + show(read));
}

Task<> null_header_value(World& world) {
  Headers headers;
  headers.add("null", std::nullopt);
  headers.add("empty", "");
  const Record read = co_await there_and_back(world, Record("key", "value", headers));
  world.report.expect(read.headers == headers, "A header without a value is not one with an empty value");
}

Task<> null_and_empty_value(World& world) {
  const Record tombstone = co_await there_and_back(world, Record("key", std::nullopt));
  world.report.expect(!tombstone.value().has_value(), "No value stays no value");
  const Record empty = co_await there_and_back(world, Record("key", ""));
  world.report.equal(empty.value(), std::optional<std::string>(""), "An empty value stays an empty value");
}

Task<> null_and_empty_key(World& world) {
  const Record keyless = co_await there_and_back(world, Record(std::nullopt, "value"));
  world.report.expect(!keyless.key().has_value(), "No key stays no key");
  const Record empty = co_await there_and_back(world, Record("", "value"));
  world.report.equal(empty.key(), std::optional<std::string>(""), "An empty key stays an empty key");
}

Task<> bytes_as_sent(World& world) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += static_cast<char>(byte);
  const Record read = co_await there_and_back(world, Record(bytes, bytes + bytes));
  world.report.equal(read.key(), std::optional(bytes), "All 256 byte values in a key");
  world.report.equal(read.value(), std::optional(bytes + bytes), "All 256 byte values in a value");
}

Task<> timestamps(World& world) {
  Record dated("key", "value");
  dated.timestamp = *parse_iso("2020-02-29T12:00:00.123Z");
  const Timestamp wanted = dated.timestamp;
  const Record read = co_await there_and_back(world, dated);
  world.report.equal(to_unix_millis(read.timestamp), to_unix_millis(wanted), "The time that the record was given");

  const std::int64_t before = to_unix_millis(world.clock.now());
  const Record undated = co_await there_and_back(world, Record("key", "value"));
  const std::int64_t after = to_unix_millis(world.clock.now());
  const std::int64_t stamped = to_unix_millis(undated.timestamp);
  // Another machine's clock is allowed to be a little off.
  world.report.expect(stamped >= before - 1000 && stamped <= after + 1000,
                      "Without a time it gets that of its sending");
}

Task<> batch_acknowledges_one_by_one(World& world) {
  const std::string topic = co_await world.topic();
  const auto producer = world.producer();
  std::vector<ProducerRecord> batch;
  for (int i = 0; i < 5; ++i) {
    batch.emplace_back(topic, Record("key", std::to_string(i)));
    batch.back().partition = i == 2 ? 99 : 0;  // there is no partition 99
  }
  const auto results = co_await producer->send_all(std::move(batch));
  world.report.need(results.size() == 5, "There is one result for each record");
  world.report.refused(results[2], Errc::not_found, "The record for a partition that is not there");
  std::vector<std::int64_t> offsets;
  for (const std::size_t i : {0U, 1U, 3U, 4U}) offsets.push_back(world.report.need(results[i], "The others").offset);
  world.report.equal(offsets, std::vector<std::int64_t>({0, 1, 2, 3}), "Offsets of the others, in their order");
  const auto values = co_await world.values(topic);
  world.report.equal(values, std::vector<std::string>({"0", "1", "3", "4"}), "What is in the log");
}

Task<> over_the_limit(World& world) {
  const std::string topic = co_await world.topic();
  ProducerSpec spec("small");
  spec.in_flight_max_records = 5;
  const auto producer = world.bus.producer(std::move(spec));
  std::vector<ProducerRecord> batch;
  for (int i = 0; i < 20; ++i) batch.emplace_back(topic, Record("key", std::to_string(i)));
  const auto results = co_await producer->send_all(std::move(batch));
  world.report.need(results.size() == 20, "There is one result for each record");
  std::vector<std::string> acknowledged;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i])
      acknowledged.push_back(std::to_string(i));
    else
      world.report.equal(results[i].error().code, Errc::queue_full, "What is refused is refused with");
  }
  world.report.expect(acknowledged.size() >= 5, "As many as the limit are taken");
  world.report.expect(acknowledged.size() < 20, "More than the limit at once are refused");
  const auto values = co_await world.values(topic);
  world.report.equal(values, acknowledged, "The log holds what was acknowledged, in order, and nothing else");
  const auto later = co_await send_to_partition(*producer, topic, Record("key", "later"), 0);
  world.report.succeeded(later, "Once those are acknowledged there is room again");
}

Task<> too_large(World& world) {
  const std::string topic = co_await world.topic();
  const auto producer = world.producer();
  const auto refused = co_await send_to_partition(*producer, topic, Record("key", std::string(2 << 20, 'x')), 0);
  world.report.refused(refused, Errc::too_large, "Two mebibytes where the default limit is one");
  co_await world.send(topic, Record("key", "small"));
  const auto values = co_await world.values(topic);
  world.report.equal(values, std::vector<std::string>({"small"}), "A refused record leaves no trace");
}

Task<> too_large_for_the_topic(World& world) {
  TopicSpec spec("small", 1);
  spec.config["max.message.bytes"] = "2000";
  const std::string topic = co_await world.topic(std::move(spec));
  const auto producer = world.producer();
  const auto refused = co_await send_to_partition(*producer, topic, Record("key", std::string(5000, 'x')), 0);
  world.report.refused(refused, Errc::too_large, "5000 bytes where the topic takes 2000");
  const auto taken = co_await send_to_partition(*producer, topic, Record("key", std::string(1000, 'x')), 0);
  world.report.succeeded(taken, "1000 bytes where the topic takes 2000");
  const PartitionDescription description = co_await world.partition(topic);
  world.report.equal(description.end_offset, 1, "A refused record takes no offset");
}

Task<> unknown_destination(World& world) {
  const auto producer = world.producer();
  const auto no_topic = co_await send_to_partition(*producer, world.name("absent"), Record("key", "value"), 0);
  world.report.refused(no_topic, Errc::not_found, "A topic that does not exist");
  const std::string topic = co_await world.topic(2);
  const auto no_partition = co_await send_to_partition(*producer, topic, Record("key", "value"), 2);
  world.report.refused(no_partition, Errc::not_found, "A partition that the topic has not");
  const auto log = co_await world.log(topic);
  world.report.equal(log.size(), 0U, "Records in the log");
}

Task<> closed_producer(World& world) {
  const std::string topic = co_await world.topic();
  const auto producer = world.producer();
  const auto before = co_await send_to_partition(*producer, topic, Record("key", "before"), 0);
  world.report.succeeded(before, "An open producer sends");
  co_await producer->close();
  co_await producer->close();
  const auto after = co_await send_to_partition(*producer, topic, Record("key", "after"), 0);
  world.report.refused(after, Errc::closed, "A send after close()");
  std::vector<ProducerRecord> batch;
  batch.emplace_back(topic, Record("key", "after"));
  const auto results = co_await producer->send_all(std::move(batch));
  world.report.need(results.size() == 1, "There is one result for each record");
  world.report.refused(results[0], Errc::closed, "A batch after close()");
  const auto values = co_await world.values(topic);
  world.report.equal(values, std::vector<std::string>({"before"}), "What is in the log");
}

Task<> send_in_background(Producer& producer, ProducerRecord record, std::vector<Result<Position>>& results) {
  auto result = co_await producer.send(std::move(record));
  results.push_back(std::move(result));
}

Task<> close_in_background(Producer& producer, bool& closed) {
  co_await producer.close();
  closed = true;
}

Task<> close_waits_for_what_is_in_flight(World& world) {
  const std::string topic = co_await world.topic();
  const auto producer = world.producer();
  FaultDomain senders(world.executor, "senders");
  std::vector<Result<Position>> results;
  for (int i = 0; i < 50; ++i) {
    ProducerRecord record(topic, Record("key", std::to_string(i)));
    asio::co_spawn(senders.get_executor(), send_in_background(*producer, std::move(record), results), asio::detached);
  }
  co_await asio::post(asio::deferred);  // behind the sends: all are on their way, none is there
  bool other_closed = false;
  asio::co_spawn(senders.get_executor(), close_in_background(*producer, other_closed), asio::detached);
  co_await producer->close();
  const auto after_close = co_await world.values(topic);
  const bool all_answered = co_await world.eventually([&] { return results.size() == 50; });
  world.report.expect(all_answered, "Every send is answered");
  const bool both = co_await world.eventually([&] { return other_closed; });
  world.report.expect(both, "Two calls of close() at the same time both come to their end");
  for (const auto& result : results) world.report.succeeded(result, "A send before close()");
  world.report.equal(after_close.size(), 50U, "When close() is done, all of them are in the log");
}

/// One producer that writes "<name>:<i>" for one key, without waiting for the one before.
Task<> write_key(World& world, std::string topic, std::string key, int batches, int& running) {
  const auto producer = world.producer();
  for (int batch = 0; batch < batches; ++batch) {
    std::vector<ProducerRecord> records;
    for (int i = 0; i < 10; ++i) records.emplace_back(topic, Record(key, std::to_string(batch * 10 + i)));
    const auto results = co_await producer->send_all(std::move(records));
    for (const auto& result : results) world.report.succeeded(result, "A record of " + key);
  }
  --running;
}

Task<> order_per_key(World& world) {
  const std::string topic = co_await world.topic(3);
  FaultDomain writers(world.executor, "writers");
  int running = 8;
  for (int i = 0; i < 8; ++i)
    asio::co_spawn(writers.get_executor(), write_key(world, topic, "order-" + std::to_string(i), 10, running),
                   asio::detached);
  const bool finished = co_await world.eventually([&] { return running == 0; });
  world.report.need(finished, "All producers finish");
  const auto log = co_await world.log(topic);
  std::map<std::string, std::vector<std::string>> by_key;
  for (const ConsumerRecord& read : log) by_key[std::string(read.record->key().value_or(""))].push_back(value_of(read));
  world.report.equal(by_key.size(), 8U, "Keys in the log");
  for (const auto& [key, values] : by_key) world.report.equal(values, numbers(0, 100), "In order: " + key);
}

Task<> order_per_producer_and_partition(World& world) {
  const std::string topic = co_await world.topic();
  const auto producer = world.producer();
  std::vector<ProducerRecord> batch;
  for (int i = 0; i < 200; ++i) batch.emplace_back(topic, Record("key-" + std::to_string(i % 7), std::to_string(i)));
  const auto results = co_await producer->send_all(std::move(batch));
  world.report.equal(results.size(), 200U, "There is one result for each record");
  const auto values = co_await world.values(topic);
  world.report.equal(values, numbers(0, 200), "Different keys in one partition, in the order of their sends");
}

}  // namespace

std::vector<Case> producing_cases() {
  return {
      {"A record is read where its acknowledgement says it was written", read_where_acknowledged},
      {"Records with the same key go to the same partition", same_key_same_partition},
      {"The partition of a key is the one that Kafka's Java client chooses", murmur2_parity},
      {"A partition that the producer names wins over the key", named_partition_wins},
      {"Records without a key are spread over the partitions", keyless_records_spread},
      {"Offsets of a partition count up from 0 without a gap", gapless_offsets},
      {"Headers keep their order, their duplicates and their bytes", headers_as_sent},
      {"A header without a value is not one with an empty value", null_header_value},
      {"No value and an empty value are two things", null_and_empty_value},
      {"No key and an empty key are two things", null_and_empty_key},
      {"Keys and values are bytes, whatever their value", bytes_as_sent},
      {"A record keeps the time that it was given, or gets that of its sending", timestamps},
      {"In a batch each record is acknowledged or refused by itself", batch_acknowledges_one_by_one},
      {"A producer over its limit refuses, and what it refused never appears", over_the_limit},
      {"A record over the default limit is refused and leaves no trace", too_large},
      {"A record over its topic's limit is refused and leaves no trace", too_large_for_the_topic, {Need::admin}},
      {"A topic or partition that is not there takes no records", unknown_destination},
      {"A closed producer refuses everything, and may be closed again", closed_producer},
      {"Closing a producer waits for what is in flight", close_waits_for_what_is_in_flight},
      {"Records of a key keep their order while many producers write", order_per_key},
      {"A producer's records to a partition lie in the order of their sends", order_per_producer_and_partition},
  };
}

}  // namespace foodorder::conformance
