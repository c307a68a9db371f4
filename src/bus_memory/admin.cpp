#include "admin.hpp"

#include "group.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder {

namespace {

Error no_partition(const TopicPartition& tp) {
  return Error(Errc::not_found, fmt::format("no partition {}-{}", tp.topic, tp.partition));
}

TopicDescription describe(const MemoryTopic& topic) {
  TopicDescription shown;
  shown.name = topic.name;
  shown.cleanup = topic.cleanup;
  shown.config = topic.settings.config;
  for (const auto& partition : topic.partitions) {
    PartitionDescription& one = shown.partitions.emplace_back();
    one.partition = partition->tp.partition;
    one.start_offset = partition->log.start_offset();
    one.end_offset = partition->log.end_offset();
    one.records = partition->log.records();
    one.size_bytes = partition->log.size_bytes();
  }
  return shown;
}

class MemoryAdmin final : public Admin {
 public:
  explicit MemoryAdmin(std::shared_ptr<MemoryBroker> broker) : broker_(std::move(broker)) {}

  Task<Result<void>> ensure_topics(std::vector<TopicSpec> topics) override { co_return broker_->ensure_topics(topics); }

  Task<Result<std::vector<TopicDescription>>> topics() override {
    std::vector<TopicDescription> all;
    for (const auto& [name, topic] : broker_->topics()) all.push_back(describe(*topic));
    co_return all;
  }

  Task<Result<std::vector<GroupDescription>>> groups() override {
    std::vector<GroupDescription> all;
    for (const auto& [name, group] : broker_->groups()) all.push_back(group->describe());
    co_return all;
  }

  Task<Result<std::vector<Position>>> resolve(std::vector<TopicPartition> partitions, Where where) override {
    std::vector<Position> places;
    for (TopicPartition& tp : partitions) {
      const MemoryPartition* partition = broker_->find_partition(tp);
      if (!partition) co_return no_partition(tp);
      places.emplace_back(std::move(tp), partition->log.resolve(where));
    }
    co_return places;
  }

  Task<Result<void>> reset_offsets(std::string group, std::vector<Position> next_offsets) override {
    if (const MemoryGroup* known = broker_->find_group(group); known && !known->empty()) co_return active(group);
    for (const Position& next : next_offsets)
      if (!broker_->find_partition(next.tp)) co_return no_partition(next.tp);
    const auto there = broker_->group(group);
    if (!there) co_return there.error();
    co_return (*there)->reset_offsets(next_offsets);
  }

  Task<Result<void>> delete_group(std::string group) override {
    const MemoryGroup* there = broker_->find_group(group);
    if (!there) co_return Error(Errc::not_found, fmt::format("no group {}", group));
    if (!there->empty()) co_return active(group);
    broker_->remove_group(group);
    co_return Result<void>();
  }

  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override {
    const MemoryPartition* there = broker_->find_partition(partition);
    if (!there) co_return no_partition(partition);
    co_return read_page(*there, offset, limits);
  }

  Task<Result<std::vector<TopicSetting>>> topic_settings(std::string topic) override {
    const MemoryTopic* there = broker_->find_topic(topic);
    if (!there) co_return Error(Errc::not_found, fmt::format("no topic {}", topic));
    std::vector<TopicSetting> all;
    const bool compacted = there->cleanup == Cleanup::by_compaction;
    all.push_back({"cleanup.policy", compacted ? "compact" : "delete", compacted});
    for (const auto& [name, value] : there->settings.config)
      all.push_back({name, value, there->settings.changed.contains(name)});
    co_return all;
  }

  Task<Result<Compaction>> compact(std::string topic) override {
    MemoryTopic* there = broker_->find_topic(topic);
    if (!there) co_return Error(Errc::not_found, fmt::format("no topic {}", topic));
    if (there->cleanup != Cleanup::by_compaction)
      co_return Error(Errc::invalid_argument, fmt::format("topic {} is not compacted", topic));
    Compaction compaction = co_await broker_->compact(*there);
    co_return compaction;
  }

 private:
  static Error active(const std::string& group) {
    return Error(Errc::group_active, fmt::format("group {} has members", group));
  }

  static ReadPage read_page(const MemoryPartition& partition, std::int64_t offset, const ReadLimits& limits) {
    const MemoryLog& log = partition.log;
    ReadPage page;
    page.start_offset = log.start_offset();
    page.end_offset = log.end_offset();
    std::size_t bytes = 0;
    page.next_offset = log.read(std::max(offset, log.start_offset()), [&](std::int64_t at, const auto& record) {
      bytes += size_in_bytes(*record);
      // One record always fits, or a page could be empty before the end.
      const bool full = page.records.size() >= limits.records_max || bytes > limits.bytes_max;
      if (full && !page.records.empty()) return false;
      page.records.emplace_back(Position(partition.tp, at), record);
      return true;
    });
    return page;
  }

  const std::shared_ptr<MemoryBroker> broker_;
};

}  // namespace

std::unique_ptr<Admin> make_memory_admin(std::shared_ptr<MemoryBroker> broker) {
  return std::make_unique<MemoryAdmin>(std::move(broker));
}

}  // namespace foodorder
