#pragma once

#include "suite.hpp"

#include "base/fault_domain.hpp"

#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace foodorder::conformance {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// What a case lives in: a bus, a clock, names of its own, and the few verbs that most cases need. Verbs that return
/// a plain value end the case where the bus refuses; what a case wants to see refused it asks of the bus itself.
/// (GCC 12 miscompiles richer expressions around co_await: a result is taken first and looked at in the next line.)
class World {
 public:
  using Place = Report::Place;

  World(EventBus& the_bus, Stage& stage, Report& the_report);

  EventBus& bus;
  Admin& admin;
  Clock& clock;
  Executor executor;
  Report& report;
  const Backend* backend = nullptr;

  /// A name that no other case and no other run uses.
  std::string name(std::string_view what);

  /// The session of a member that is to crash: as short as the coordinator takes, one second at least.
  [[nodiscard]] Duration session() const { return session_; }

  // --- topics and what is in them
  Task<std::string> topic(std::int32_t partitions = 1);
  Task<std::string> topic(TopicSpec spec);  ///< its name is replaced by one of our own
  Task<TopicDescription> describe(std::string topic_name);
  Task<PartitionDescription> partition(std::string topic_name, std::int32_t index = 0);
  /// Every record of the topic, by partition and offset.
  Task<std::vector<ConsumerRecord>> log(std::string topic_name);
  /// The values in the log of a topic with one partition.
  Task<std::vector<std::string>> values(std::string topic_name);

  // --- producing
  std::unique_ptr<Producer> producer();
  Task<Position> send(std::string topic_name, Record record, std::optional<std::int32_t> partition_index = {});
  /// Sends "0", "1", ... to one partition, each acknowledged.
  Task<> send_numbers(std::string topic_name, int count, std::int32_t partition_index = 0, int first = 0);

  // --- consuming
  [[nodiscard]] ConsumerSpec member_of(std::string group, std::string topic_name);
  [[nodiscard]] ConsumerSpec reader_of(std::string topic_name);
  /// The next event of that kind; others that come first are passed over, and batches without a record.
  Task<Records> records(Consumer& consumer, Place place = Place::current());
  /// Records until there are `count` of them.
  Task<std::vector<ConsumerRecord>> take(Consumer& consumer, std::size_t count, Place place = Place::current());
  Task<Assigned> assigned(Consumer& consumer, Place place = Place::current());
  Task<Revoked> revoked(Consumer& consumer, Place place = Place::current());
  Task<> commit(Consumer& consumer, std::string topic_name, std::int32_t partition_index, std::int64_t next_offset);

  // --- groups
  Task<std::optional<GroupDescription>> group(std::string group_name);
  /// What the group is told about that partition; ends the case if it knows nothing of it.
  Task<GroupPartition> group_partition(std::string group_name, std::string topic_name, std::int32_t index = 0);

  // --- time
  /// Waits until it is true; false if it did not become true in a generous time.
  template <class Condition>
  Task<bool> eventually(Condition condition) {
    const Timestamp deadline = clock.now() + patience;
    while (!condition() && clock.now() < deadline) co_await sleep_for(clock, milliseconds(10));
    co_return condition();
  }
  /// Time in which what should not happen would have happened.
  Task<> a_while() { co_await sleep_for(clock, milliseconds(500)); }

  /// Reports that the case ran out of time, and what it waited for.
  void report_stuck();

  /// Ends what hangs; no more than that: on a busy machine a broker takes its time.
  static constexpr Duration patience = seconds(90);

 private:
  Task<ConsumerEvent> next(Consumer& consumer, Place place);

  Duration session_;
  std::optional<Place> waits_at_;
  std::unique_ptr<Producer> producer_;
};

/// The positions of one partition, for commit() and its like.
std::vector<Position> at(std::string topic_name, std::int32_t partition, std::int64_t offset);

std::string value_of(const ConsumerRecord& read);
std::vector<std::string> values_of(const std::vector<ConsumerRecord>& read);
/// "first", ..., "last - 1".
std::vector<std::string> numbers(int first, int last);

}  // namespace foodorder::conformance
