#include "bus_memory/log.hpp"
#include "support/catch.hpp"

using namespace foodorder;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const Timestamp start(seconds(1'770'000'000));
constexpr std::size_t all = 1'000'000;

TopicSettings settings(std::map<std::string, std::string> config) {
  TopicSpec spec("topic", 1);
  spec.config = std::move(config);
  return *read_settings(spec, -1);
}

void append(MemoryLog& log, std::optional<std::string> key, std::optional<std::string> value, Timestamp now) {
  Record record(key, value);
  record.timestamp = now;
  log.append(std::make_shared<const Record>(std::move(record)), now);
}

std::vector<std::int64_t> offsets(const MemoryLog& log, std::int64_t from = 0) {
  std::vector<std::int64_t> found;
  log.read(from, [&](std::int64_t offset, const auto&) {
    found.push_back(offset);
    return true;
  });
  return found;
}

void compact(MemoryLog& log, Timestamp now) {
  log.start_compaction();
  while (log.busy()) log.housekeeping(now, 3);
}

}  // namespace

TEST_CASE("Compaction keeps the last record of each key at its offset, in slices and in any number of passes") {
  const TopicSettings topic = settings({});
  MemoryLog log(topic, Cleanup::by_compaction);
  for (int i = 0; i < 1000; ++i) append(log, "key-" + std::to_string(i % 10), "value", start);
  compact(log, start);
  CHECK(log.records() == 10);
  CHECK(offsets(log).front() == 990);
  for (int i = 0; i < 5; ++i) append(log, "key-" + std::to_string(i), "newer", start);
  CHECK(log.records() == 15);
  compact(log, start);
  CHECK(offsets(log) == std::vector<std::int64_t>{995, 996, 997, 998, 999, 1000, 1001, 1002, 1003, 1004});
  CHECK(log.start_offset() == 0);
  CHECK(log.end_offset() == 1005);
  CHECK(offsets(log, 997) == std::vector<std::int64_t>{997, 998, 999, 1000, 1001, 1002, 1003, 1004});
}

TEST_CASE("A compacted log weighs what is left in it") {
  const TopicSettings topic = settings({});
  MemoryLog log(topic, Cleanup::by_compaction);
  append(log, "key", std::string(500, 'x'), start);
  append(log, "key", "", start);
  compact(log, start);
  CHECK(log.size_bytes() == static_cast<std::int64_t>(size_in_bytes(Record("key", ""))));
}

TEST_CASE("A tombstone takes its key at once and goes itself after delete.retention.ms") {
  const TopicSettings topic = settings({{"delete.retention.ms", "60000"}});
  MemoryLog log(topic, Cleanup::by_compaction);
  append(log, "gone", "value", start);
  append(log, "stays", "value", start);
  append(log, "gone", std::nullopt, start);
  compact(log, start);
  CHECK(offsets(log) == std::vector<std::int64_t>{1, 2});
  CHECK(log.house_due() == start + seconds(60));
  log.housekeeping(start + seconds(60) - Duration(1), all);
  CHECK(offsets(log) == std::vector<std::int64_t>{1, 2});
  log.housekeeping(start + seconds(60), all);
  CHECK(offsets(log) == std::vector<std::int64_t>{1});
  CHECK(!log.house_due());
}

TEST_CASE("A key that comes back after its tombstone outlives it") {
  const TopicSettings topic = settings({{"delete.retention.ms", "1000"}});
  MemoryLog log(topic, Cleanup::by_compaction);
  append(log, "key", std::nullopt, start);
  compact(log, start);
  append(log, "key", "back", start);
  compact(log, start);
  log.housekeeping(start + seconds(2), all);
  CHECK(offsets(log) == std::vector<std::int64_t>{1});
}

TEST_CASE("Housekeeping leaves the active segment alone and waits for the dirty ratio") {
  const TopicSettings topic = settings({{"segment.ms", "1000"}, {"min.cleanable.dirty.ratio", "0.5"}});
  MemoryLog log(topic, Cleanup::by_compaction);
  for (int i = 0; i < 4; ++i) append(log, "key-" + std::to_string(i), "value", start);
  append(log, "key-0", "newer", start + milliseconds(500));
  log.housekeeping(start + milliseconds(999), all);
  CHECK(log.records() == 5);
  log.housekeeping(start + milliseconds(1000), all);
  CHECK(log.records() == 5);  // the newer one is still in the active segment
  log.housekeeping(start + milliseconds(1500), all);
  CHECK(log.records() == 5);  // one dirty in five is too few
  append(log, "key-1", "newer", start + milliseconds(1500));
  append(log, "key-2", "newer", start + milliseconds(1500));
  append(log, "key-3", "newer", start + milliseconds(1500));
  log.housekeeping(start + milliseconds(2500), all);
  CHECK(offsets(log) == std::vector<std::int64_t>{4, 5, 6, 7});
}

TEST_CASE("max.compaction.lag.ms compacts a log that is hardly dirty") {
  const TopicSettings topic = settings({{"min.cleanable.dirty.ratio", "1"}, {"max.compaction.lag.ms", "1000"}});
  MemoryLog log(topic, Cleanup::by_compaction);
  append(log, "key", "value", start);
  append(log, "key", "newer", start);
  REQUIRE(log.house_due() == start + seconds(1));
  log.housekeeping(start + seconds(1), all);
  CHECK(offsets(log) == std::vector<std::int64_t>{1});
}

TEST_CASE("Retention by bytes removes the oldest, keeps the newest, and counts what was not read") {
  const auto size = size_in_bytes(Record("key", "value"));
  const TopicSettings topic = settings({{"retention.bytes", std::to_string(3 * size)}});
  MemoryLog log(topic, Cleanup::by_deletion);
  ReadMark mark;
  mark.unread_from = 2;
  log.watch(mark);
  for (int i = 0; i < 10; ++i) append(log, "key", "value", start);
  CHECK(offsets(log) == std::vector<std::int64_t>{7, 8, 9});
  CHECK(log.start_offset() == 7);
  CHECK(mark.removed_before_read == 5);  // 2 to 6
  log.unwatch(mark);
  append(log, "key", std::string(10 * size, 'x'), start);
  CHECK(offsets(log) == std::vector<std::int64_t>{10});
  CHECK(mark.removed_before_read == 5);
}

TEST_CASE("A compacted log over retention.bytes forgets its oldest keys and goes on compacting") {
  const auto size = size_in_bytes(Record("key-0", "value"));
  const TopicSettings topic = settings({{"retention.bytes", std::to_string(4 * size)}});
  MemoryLog log(topic, Cleanup::by_compaction);
  for (int i = 0; i < 4; ++i) append(log, "key-" + std::to_string(i), "value", start);
  compact(log, start);
  append(log, "key-4", "value", start);
  CHECK(offsets(log) == std::vector<std::int64_t>{1, 2, 3, 4});
  append(log, "key-0", "value", start);
  append(log, "key-2", "value", start);
  compact(log, start);
  CHECK(offsets(log) == std::vector<std::int64_t>{3, 4, 5, 6});
}

TEST_CASE("Retention by time counts from the append, in slices") {
  const TopicSettings topic = settings({{"retention.ms", "1000"}});
  MemoryLog log(topic, Cleanup::by_deletion);
  for (int i = 0; i < 5; ++i) append(log, "key", "value", start + milliseconds(i));
  CHECK(log.house_due() == start + seconds(1));
  log.housekeeping(start + milliseconds(1003), 3);
  CHECK(log.busy());
  log.housekeeping(start + milliseconds(1003), 3);
  CHECK(!log.busy());
  CHECK(offsets(log) == std::vector<std::int64_t>{4});
}

TEST_CASE("A time means the first record that is not older, also when times go back") {
  const TopicSettings topic = settings({});
  MemoryLog log(topic, Cleanup::by_deletion);
  append(log, "key", "value", start);
  append(log, "key", "value", start + seconds(2));
  CHECK(log.resolve(Where::at_time(start + seconds(1))) == 1);
  CHECK(log.resolve(Where::at_time(start + seconds(3))) == 2);
  append(log, "key", "value", start + seconds(1));
  append(log, "key", "value", start + seconds(4));
  CHECK(log.resolve(Where::at_time(start + seconds(1))) == 1);
  CHECK(log.resolve(Where::at_time(start + seconds(3))) == 3);
}

TEST_CASE("Topic settings are checked, and a refusal names the setting and what is allowed") {
  const auto refused = [](std::string name, std::string value) {
    TopicSpec spec("orders", 3);
    spec.config[std::move(name)] = std::move(value);
    const auto result = read_settings(spec, 300);
    return result ? std::string() : result.error().message;
  };
  CHECK(refused("retention.ms", "-1").empty());
  CHECK(refused("min.cleanable.dirty.ratio", "0.01").empty());
  CHECK(refused("retention.ms", "-2") == "topic orders: retention.ms is -2; allowed are whole numbers from -1");
  CHECK(refused("min.cleanable.dirty.ratio", "2") ==
        "topic orders: min.cleanable.dirty.ratio is 2; allowed are numbers from 0 to 1");
  CHECK(refused("segment.ms", "1s") == "topic orders: segment.ms is 1s; allowed are whole numbers from 1");
  CHECK(refused("flush.ms", "1").starts_with("topic orders: unknown setting flush.ms; allowed are "));
  CHECK(*read_settings(TopicSpec("orders", 3), 300)->retention_bytes == 100);
}
