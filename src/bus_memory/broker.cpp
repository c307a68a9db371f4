#include "broker.hpp"

#include "foodorder/base/yield.hpp"
#include "group.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/post.hpp>

namespace foodorder {

namespace {

/// How many records housekeeping looks at in one turn of the loop: some milliseconds.
constexpr std::size_t housekeeping_slice_records = 20'000;
constexpr std::int32_t partitions_max = 1'000;

const char* to_string(Cleanup cleanup) { return cleanup == Cleanup::by_compaction ? "compact" : "delete"; }

}  // namespace

MemoryBroker::MemoryBroker(Executor executor, Clock& clock, MemoryBusOptions options)
    : executor_(std::move(executor)), clock_(clock), options_(std::move(options)) {}

MemoryBroker::~MemoryBroker() = default;

void MemoryBroker::stop() {
  stopped_ = true;
  clock_.cancel(housekeeping_);
  for (const auto& [name, group] : groups_) group->stop();
}

// -------------------------------------------------------------------------------------------------- topics

MemoryTopic* MemoryBroker::find_topic(std::string_view name) const {
  const auto found = topics_.find(name);
  return found == topics_.end() ? nullptr : found->second.get();
}

MemoryPartition* MemoryBroker::find_partition(const TopicPartition& tp) const {
  const MemoryTopic* topic = find_topic(tp.topic);
  return topic ? topic->find(tp.partition) : nullptr;
}

Result<std::vector<std::unique_ptr<MemoryTopic>>> MemoryBroker::new_topics(const std::vector<TopicSpec>& specs) const {
  std::vector<std::unique_ptr<MemoryTopic>> made;
  for (const TopicSpec& spec : specs) {
    if (spec.name.empty() || spec.partitions < 1 || spec.partitions > partitions_max)
      return Error(Errc::invalid_argument, fmt::format("topic {}: {} partitions; allowed are 1 to {}", spec.name,
                                                       spec.partitions, partitions_max));
    auto settings = read_settings(spec, options_.retention_bytes);
    if (!settings) return settings.error();
    const MemoryTopic* there = find_topic(spec.name);
    for (const auto& topic : made)
      if (topic->name == spec.name) there = topic.get();
    if (!there) {
      made.push_back(std::make_unique<MemoryTopic>(spec, std::move(*settings)));
    } else if (std::cmp_not_equal(there->partitions.size(), spec.partitions) || there->cleanup != spec.cleanup) {
      return Error(
          Errc::topic_mismatch,
          fmt::format("topic {} has {} partitions and cleanup.policy={}, but should have {} and {}", spec.name,
                      there->partitions.size(), to_string(there->cleanup), spec.partitions, to_string(spec.cleanup)));
    }
  }
  return made;
}

Result<void> MemoryBroker::ensure_topics(const std::vector<TopicSpec>& specs) {
  auto made = new_topics(specs);
  if (!made) return made.error();
  if (made->empty()) return {};
  std::vector<std::string> names;
  for (auto& topic : *made) {
    names.push_back(topic->name);
    topics_.emplace(names.back(), std::move(topic));
  }
  ++topics_version_;
  for (const auto& [name, group] : groups_) group->topics_made(names);
  for (Sleeper* reader : readers_) reader->wake();
  return {};
}

// -------------------------------------------------------------------------------------------------- groups

// Groups are forgotten when somebody looks: nobody can tell that from a timer.

const std::map<std::string, std::shared_ptr<MemoryGroup>>& MemoryBroker::groups() {
  const Timestamp empty_before = clock_.now() - options_.offsets_retention;
  std::erase_if(groups_, [&](const auto& entry) { return entry.second->empty_since() <= empty_before; });
  return groups_;
}

MemoryGroup* MemoryBroker::find_group(const std::string& name) {
  const auto found = groups_.find(name);
  if (found == groups_.end()) return nullptr;
  if (found->second->empty_since() > clock_.now() - options_.offsets_retention) return found->second.get();
  groups_.erase(found);
  return nullptr;
}

Result<std::shared_ptr<MemoryGroup>> MemoryBroker::group(const std::string& name) {
  if (MemoryGroup* there = find_group(name)) return there->shared_from_this();
  if (groups_.size() >= options_.groups_max && !forget_oldest_empty_group())
    return Error(Errc::queue_full, fmt::format("group {}: there are {} groups with members already, the most that the "
                                               "memory bus takes",
                                               name, groups_.size()));
  return groups_.emplace(name, std::make_shared<MemoryGroup>(*this, name)).first->second;
}

bool MemoryBroker::forget_oldest_empty_group() {
  const auto oldest = std::min_element(groups_.begin(), groups_.end(), [](const auto& a, const auto& b) {
    return a.second->empty_since() < b.second->empty_since();
  });
  if (oldest == groups_.end() || !oldest->second->empty()) return false;
  groups_.erase(oldest);
  return true;
}

void MemoryBroker::remove_group(const std::string& name) { groups_.erase(name); }

// ------------------------------------------------------------------------------------------------- appends

namespace {

/// Replaces a record whose time a log does not keep by a copy: times are whole milliseconds, and not "now".
void set_kept_time(std::shared_ptr<const Record>& record, Timestamp now) {
  const Timestamp given = record->timestamp == Timestamp{} ? now : record->timestamp;
  const Timestamp kept = std::chrono::floor<std::chrono::milliseconds>(given);
  if (record->timestamp == kept) return;
  auto copy = std::make_shared<Record>(*record);
  copy->timestamp = kept;
  record = std::move(copy);
}

}  // namespace

void MemoryBroker::append(std::shared_ptr<SendBatch> batch) {
  pending_.push_back(std::move(batch));
  if (pending_.size() > 1) return;
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto broker = weak.lock()) broker->drain();
  });
}

void MemoryBroker::drain() {
  draining_.swap(pending_);
  const Timestamp now = clock_.now();
  for (const auto& batch : draining_) append_now(*batch, now);
  draining_.clear();
}

void MemoryBroker::append_now(SendBatch& batch, Timestamp now) {
  for (SendBatch::Taken& taken : batch.taken) {
    MemoryPartition& partition = *taken.partition;
    MemoryLog& log = partition.log;
    set_kept_time(taken.record, now);
    const std::int64_t offset = log.append(std::move(taken.record), now);
    batch.results[taken.index]->offset = offset;
    partition.wake_readers();
    // Those behind it are due later.
    if (offset == log.house_from())
      if (const auto due = log.house_due()) arm_housekeeping(*due);
  }
  ProducerState& producer = *batch.producer;
  producer.in_flight -= batch.taken.size();
  batch.taken.clear();
  batch.waiter.complete(Wake{});
  if (producer.in_flight > 0) return;
  producer.done.notify_all();
}

// -------------------------------------------------------------------------------------------- housekeeping

void MemoryBroker::housekeeping() {
  const Timestamp now = clock_.now();
  std::size_t left = housekeeping_slice_records;
  bool busy = false;
  for (const auto& [name, topic] : topics_)
    for (const auto& partition : topic->partitions) {
      left -= std::min(left, partition->log.housekeeping(now, left));
      busy = busy || partition->log.busy();
    }
  if (!busy) return arm_housekeeping();
  asio::post(executor_, [weak = weak_from_this()] {
    if (const auto broker = weak.lock()) broker->housekeeping();
  });
}

void MemoryBroker::arm_housekeeping() {
  for (const auto& [name, topic] : topics_)
    for (const auto& partition : topic->partitions)
      if (const auto due = partition->log.house_due()) arm_housekeeping(*due);
}

void MemoryBroker::arm_housekeeping(Timestamp due) {
  // Only while there is something to come, so that an idle bus has no timer.
  if (housekeeping_ != 0 && housekeeping_due_ <= due) return;
  const Timestamp when = std::max(due, clock_.now() + options_.housekeeping_interval);
  if (stopped_ || (housekeeping_ != 0 && housekeeping_due_ <= when)) return;
  clock_.cancel(housekeeping_);
  housekeeping_due_ = when;
  housekeeping_ = clock_.call_at(when, [weak = weak_from_this()] {
    const auto broker = weak.lock();
    if (!broker) return;
    broker->housekeeping_ = 0;
    broker->housekeeping();
  });
}

namespace {

/// Notes what a log loses while it lives.
class Removals {
 public:
  Removals(MemoryPartition& partition, Compaction& compaction)
      : log_(partition.log), watch_([&partition, &compaction](auto offset, const Record& record, auto bytes) {
          ++compaction.records;
          compaction.bytes += bytes;
          if (compaction.removed.size() < Compaction::removed_max)
            compaction.removed.push_back(
                {Position(partition.tp, offset), std::string(record.key().value_or("")), !record.value().has_value()});
        }) {
    log_.watch_removals(watch_);
  }
  ~Removals() { log_.unwatch_removals(watch_); }
  Removals(const Removals&) = delete;
  Removals& operator=(const Removals&) = delete;

 private:
  MemoryLog& log_;
  const MemoryLog::RemovalWatch watch_;
};

}  // namespace

Task<Compaction> MemoryBroker::compact(MemoryTopic& topic) {
  const auto broker = shared_from_this();
  Compaction compaction;
  for (const auto& partition : topic.partitions) {
    MemoryLog& log = partition->log;
    const Removals removals(*partition, compaction);
    log.start_compaction();
    for (;;) {
      log.housekeeping(clock_.now(), housekeeping_slice_records);
      if (!log.busy()) break;
      co_await next_pass();
    }
    if (const auto due = log.house_due()) arm_housekeeping(*due);
  }
  co_return compaction;
}

}  // namespace foodorder
