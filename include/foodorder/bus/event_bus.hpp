#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/result.hpp"
#include "foodorder/base/task.hpp"
#include "foodorder/bus/record.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The bus: one interface with the meaning of Kafka's log, over a broker or in memory. Everything is called on
// the loop's thread. Destroying a producer or consumer is a crash (nothing is flushed, committed or left);
// only close() leaves in good order. Users are destroyed before the bus.

namespace foodorder {

// ---------------------------------------------------------------------------------------------- producing

struct ProducerSpec {
  explicit ProducerSpec(std::string id) : client_id(std::move(id)) {}

  std::string client_id;
  /// Records sent and not acknowledged; one more is refused with queue_full.
  std::size_t in_flight_max_records = 10'000;
};

/// A record and where it goes. From here on it is shared, by its sender and by the log, and nobody changes it.
struct ProducerRecord {
  ProducerRecord(std::string topic_name, Record what)
      : topic(std::move(topic_name)), record(std::make_shared<const Record>(std::move(what))) {}

  std::string topic;
  std::shared_ptr<const Record> record;
  /// Set: this partition. Not set: by the key (murmur2), or by turns without a key.
  std::optional<std::int32_t> partition;
};

class Producer {
 public:
  virtual ~Producer() = default;

  /// Completes once the log has acknowledged the record, with its position. Records of one producer to one
  /// partition are written in the order of their sends. Errors: queue_full, too_large, not_found (topic or
  /// partition), invalid_argument (no key, in a compacted topic; a timestamp that the topic refuses), not_authorized,
  /// unavailable, closed: surely not written.
  /// outcome_unknown: it may still appear, once.
  virtual Task<Result<Position>> send(ProducerRecord record) = 0;

  /// The same for several at once, one result each, in their order. A failed one does not stop the others.
  virtual Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) = 0;

  /// Waits for what is in flight, then refuses everything. Idempotent.
  virtual Task<> close() = 0;
};

// ---------------------------------------------------------------------------------------------- consuming

struct ConsumerSpec {
  enum class OffsetReset { earliest, latest };
  /// Decides by its value whether a record is wanted. The bus may call it on any thread and after the consumer is gone,
  /// so it owns its data and must not throw.
  using Wants = std::function<bool(std::string_view topic, std::string_view value)>;

  ConsumerSpec(std::string id, std::vector<std::string> topic_names)
      : client_id(std::move(id)), topics(std::move(topic_names)) {}

  /// Kafka's client.id; shown as the member in group descriptions.
  std::string client_id;
  std::vector<std::string> topics;
  /// Set: a member of that consumer group (range assignment). Not set: a reader of all partitions of the
  /// topics, that belongs to no group and commits nothing.
  std::optional<std::string> group;
  /// Where a partition without a committed offset (or with one that retention removed) begins. Latest means
  /// the end at the time when it was assigned.
  OffsetReset offset_reset = OffsetReset::earliest;
  /// Readers only: begin at these next offsets instead; partitions not named follow offset_reset.
  std::vector<Position> start;
  /// A member that sends no heartbeat for this long is expelled. At least Features::session_timeout_min.
  Duration session_timeout = std::chrono::seconds(10);
  /// A member that does not call next() for this long during a rebalance loses its place.
  Duration poll_interval_max = std::chrono::minutes(5);
  std::size_t poll_max_records = 256;
  /// Set: the bus may leave out unwanted records, as if compaction had removed them, and save the work of making them.
  /// It always delivers tombstones.
  Wants wants;
};

/// Records in the order of their offsets within each partition, and the next offset of each partition that has moved.
/// A position may move farther than one past the last record, or with no record at all: an offset may hold a
/// transaction marker, an aborted record, or one that compaction took. So whether all is read, and what can be
/// committed, is told by positions: `records` may be empty, `next_offsets` never is.
struct Records {
  std::vector<ConsumerRecord> records{};
  std::vector<Position> next_offsets{};
};

/// The member (or reader) now owns exactly these partitions in addition; each offset is the next that it will
/// read: the committed one, or what offset_reset says. A reader gets partitions that were added to a topic, and those
/// of a topic that was made later or made again, from their beginning.
struct Assigned {
  std::vector<Position> positions;
};

/// The member is about to lose these partitions. Unless `lost`, it still owns them until it calls next()
/// again: that is the time to finish and commit. If `lost` commits are refused: its session ran out, or the topic was
/// deleted and made again, which a reader is told, too. Offsets of the old log mean nothing in the new one, and what
/// was committed in the old one does not count. Assigned follows with the positions in the new one.
struct Revoked {
  std::vector<TopicPartition> partitions;
  bool lost = false;
};

using ConsumerEvent = std::variant<Records, Assigned, Revoked>;

class Consumer {
 public:
  virtual ~Consumer() = default;

  /// The next thing that happened: records, or a change of ownership. The first call joins the group. A
  /// member heartbeats by itself on the executor of the coroutine that called first. Rebalances come between
  /// records, never within a batch. Errors: closed after close() (also to a call that is waiting), invalid_argument
  /// (a session timeout that is too short), queue_full (the bus has as many groups with members as it takes), and
  /// unavailable where the bus gives up; what it can mend by itself it mends. One call at a time.
  virtual Task<Result<ConsumerEvent>> next() = 0;

  /// Commits next offsets to read, of partitions this member owns. Commit only what is finished, lowest
  /// first: it may be lower than before. Errors: fenced (not the owner any more), closed, unavailable,
  /// invalid_argument (no group). Nothing is committed unless all is.
  virtual Task<Result<void>> commit(std::vector<Position> next_offsets) = 0;

  /// Continues at another place from the next batch on; of owned partitions. Errors: fenced, out_of_range.
  virtual Task<Result<void>> seek(TopicPartition partition, Where where) = 0;

  /// Stops and continues delivery of owned partitions, without giving them up. Unknown ones are ignored.
  /// An assignment starts unpaused.
  virtual void pause(const std::vector<TopicPartition>& partitions) = 0;
  virtual void resume(const std::vector<TopicPartition>& partitions) = 0;

  /// Why this member cannot join its group, in words; empty while it is a member or just joining, and for a reader.
  [[nodiscard]] virtual std::optional<std::string> trouble() const { return {}; }

  /// What is owned now, with the next offset to be delivered.
  [[nodiscard]] virtual std::vector<Position> assignment() const = 0;

  /// Leaves the group so that others take over at once, and wakes a waiting next(). Commits nothing by itself.
  /// Completes once it has left. Idempotent: each further call completes when the first does.
  virtual Task<> close() = 0;
};

// --------------------------------------------------------------------------------------------------- admin

enum class Cleanup { by_deletion, by_compaction };

struct TopicSpec {
  TopicSpec(std::string topic_name, std::int32_t partition_count, Cleanup how = Cleanup::by_deletion)
      : name(std::move(topic_name)), partitions(partition_count), cleanup(how) {}

  std::string name;
  std::int32_t partitions;
  Cleanup cleanup;
  /// Kafka's topic settings by their names: retention.ms, retention.bytes, max.message.bytes, segment.ms,
  /// min.cleanable.dirty.ratio, max.compaction.lag.ms, delete.retention.ms. Others are refused.
  std::map<std::string, std::string> config;
};

struct PartitionDescription {
  std::int32_t partition = 0;
  std::int64_t start_offset = 0;  ///< the oldest offset that is still there
  std::int64_t end_offset = 0;    ///< the offset that the next record will get
  std::int64_t records = 0;       ///< kept now; a broker does not count what compaction took
  std::int64_t size_bytes = 0;
};

struct TopicDescription {
  std::string name;
  Cleanup cleanup = Cleanup::by_deletion;
  std::map<std::string, std::string> config;
  std::vector<PartitionDescription> partitions;
};

struct MemberDescription {
  std::string member_id;  ///< given by the coordinator
  std::string client_id;
  std::vector<TopicPartition> assignment;
};

struct GroupPartition {
  TopicPartition tp;
  std::optional<std::int64_t> committed;  ///< the next offset to read; none before the first commit
  std::int64_t end_offset = 0;
  std::int64_t lag = 0;                  ///< end minus committed, or minus start where nothing is committed
  std::int64_t removed_before_read = 0;  ///< records that retention took before this group had read them
};

struct GroupDescription {
  std::string group;
  std::string type = "consumer";  ///< the protocol of its members, as Kafka names it; "share", "connect", ...
  std::string state;  ///< Kafka's words: Empty, PreparingRebalance, CompletingRebalance, Stable, Dead, Unknown
  /// Not so for members of a protocol that this client cannot read (KIP-848, share groups).
  bool members_known = true;
  std::vector<MemberDescription> members;
  std::vector<GroupPartition> partitions;
};

/// Which records of transactions a reader gets: those of committed ones, or all. A bus without transactions gives the
/// same for both.
enum class Isolation { committed, uncommitted };

struct ReadLimits {
  std::size_t records_max = 500;
  std::size_t bytes_max = 1 << 20;
  Isolation isolation = Isolation::committed;
};

/// Offsets of one transaction that follow each other: records, or the one offset of the marker that ends it.
struct TransactionSpan {
  enum class State { committed, aborted, open };

  std::int64_t first = 0;
  std::int64_t last = 0;
  State state = State::open;
  bool marker = false;
  std::int64_t producer_id = 0;
  std::int32_t producer_epoch = 0;
  Timestamp timestamp{};  ///< of a marker
};

struct ReadPage {
  std::vector<ConsumerRecord> records;
  std::int64_t next_offset = 0;  ///< where the next page begins
  std::int64_t start_offset = 0;
  std::int64_t end_offset = 0;  ///< for Isolation::committed, where the first open transaction begins
  /// Of Isolation::uncommitted: the transactions in the page, by offset. Empty where the bus cannot tell them (on a
  /// broker they are known only without TLS and SASL).
  std::vector<TransactionSpan> transactions;
};

/// One setting of a topic.
struct TopicSetting {
  std::string name;
  std::string value;
  bool changed = false;  ///< it was set for this topic; else its value is a default
};

/// What a compaction has removed.
struct Compaction {
  static constexpr std::size_t removed_max = 1'000;

  struct Removed {
    Position position;
    std::string key;
    bool tombstone = false;
  };

  std::int64_t records = 0;
  std::int64_t bytes = 0;
  std::vector<Removed> removed;  ///< the first ones
};

/// Kafka's admin client, as far as the program needs it. All may fail with unavailable.
class Admin {
 public:
  virtual ~Admin() = default;

  /// Creates those that are absent; does nothing for those that are as asked. Errors: topic_mismatch (names
  /// the topic, what it is and what it should be), invalid_argument (an unknown setting).
  virtual Task<Result<void>> ensure_topics(std::vector<TopicSpec> topics) = 0;

  /// All topics by name, internal ones left out.
  virtual Task<Result<std::vector<TopicDescription>>> topics() = 0;

  /// All groups by name, those without members among them until the bus forgets them.
  virtual Task<Result<std::vector<GroupDescription>>> groups() = 0;

  /// Turns a place into offsets: clamped into the log for an offset. Errors: not_found.
  virtual Task<Result<std::vector<Position>>> resolve(std::vector<TopicPartition> partitions, Where where) = 0;

  /// Sets a group's committed offsets, creating it if need be. Errors: group_active, out_of_range, not_found,
  /// queue_full (as many groups with members as the bus takes).
  virtual Task<Result<void>> reset_offsets(std::string group, std::vector<Position> next_offsets) = 0;

  /// Forgets a group. Errors: group_active, not_found.
  virtual Task<Result<void>> delete_group(std::string group) = 0;

  /// A page of the log from `offset` on, without a group. An offset below the start begins at the start (the
  /// page says so), one at or above the end gives no records. Errors: not_found.
  virtual Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) = 0;

  /// All settings of a topic by name, those at their defaults among them. Errors: not_found, not_authorized,
  /// unsupported (a mock cluster).
  virtual Task<Result<std::vector<TopicSetting>>> topic_settings(std::string topic) = 0;

  /// Compacts now. Errors: unsupported (see Features), not_found, invalid_argument (not a compacted topic).
  virtual Task<Result<Compaction>> compact(std::string topic) = 0;
};

// ----------------------------------------------------------------------------------------------------- bus

/// What a backend can do; the conformance suite asks for no more. True for all of it on the memory bus and on
/// a broker, except as said.
struct Features {
  bool durable = false;              ///< the log outlives the process (broker only)
  bool admin = true;                 ///< groups(), reset_offsets(), delete_group() (not the mock cluster)
  bool compaction = true;            ///< (not the mock cluster)
  bool compaction_on_demand = true;  ///< Admin::compact (memory bus only)
  bool retention = true;             ///< (not the mock cluster)
  bool seek_by_time = true;          ///< (not the mock cluster)
  bool removed_before_read = true;   ///< GroupPartition::removed_before_read is counted (memory bus only)
  /// A member may commit while a rebalance is under way, and one that leaves hands over at once (not the mock cluster).
  bool orderly_rebalances = true;
  /// The shortest session timeout that the coordinator takes.
  Duration session_timeout_min = std::chrono::milliseconds(100);
};

class EventBus {
 public:
  virtual ~EventBus() = default;

  [[nodiscard]] virtual std::string_view name() const = 0;  ///< "memory" or "kafka"
  [[nodiscard]] virtual Features features() const = 0;

  /// Empty while the bus is in reach and the topics are as ensure_topics() has left them, else one line that says why
  /// not. Never blocks, never asks the broker.
  [[nodiscard]] virtual std::optional<std::string> trouble() const = 0;

  /// Identifies the logs of these topics together: offsets of one are meaningless in another. A new one for each memory
  /// bus, and on a broker once one of the topics was deleted and made again (there, the ids of topics are known only
  /// without TLS and SASL; with them it is the cluster's id alone). Never empty; no character needs an escape in an
  /// HTTP header or a URL. Errors: unavailable.
  virtual Task<Result<std::string>> log_id(std::vector<std::string> topics) = 0;

  virtual std::unique_ptr<Producer> producer(ProducerSpec spec) = 0;
  virtual std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) = 0;
  virtual Admin& admin() = 0;
};

}  // namespace foodorder
