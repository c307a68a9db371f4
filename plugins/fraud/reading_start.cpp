#include "reading_start.hpp"

#include <algorithm>

namespace foodorder::fraud {

namespace {

struct Known {
  std::vector<PartitionDescription> partitions;
  std::map<TopicPartition, std::int64_t> committed;
};

Task<Result<Known>> ask(Admin& admin, std::string topic, std::string group) {
  Known known;
  const auto topics = co_await admin.topics();
  if (!topics) co_return topics.error();
  for (const TopicDescription& described : *topics)
    if (described.name == topic) known.partitions = described.partitions;
  if (known.partitions.empty()) co_return Error(Errc::not_found, "there is no topic " + topic);
  const auto groups = co_await admin.groups();
  if (!groups) co_return groups.error();
  for (const GroupDescription& described : *groups)
    if (described.group == group)
      for (const GroupPartition& partition : described.partitions)
        if (partition.tp.topic == topic && partition.committed) known.committed[partition.tp] = *partition.committed;
  co_return known;
}

}  // namespace

Task<Result<ReadingStart>> find_start(Admin& admin, Clock& clock, std::string topic, std::string group,
                                      std::map<TopicPartition, std::int64_t> owned, Duration history) {
  Result<Known> known = co_await ask(admin, topic, group);
  if (!known) co_return known.error();
  ReadingStart from;
  std::vector<TopicPartition> all;
  Timestamp oldest = clock.now();
  for (const PartitionDescription& partition : known->partitions) {
    const TopicPartition tp(topic, partition.partition);
    std::int64_t committed = partition.start_offset;
    if (const auto found = known->committed.find(tp); found != known->committed.end()) committed = found->second;
    if (const auto found = owned.find(tp); found != owned.end()) committed = found->second;
    from.judge_from.push_back(committed);
    all.push_back(tp);
    // A page, not one record: the first may come from a stranger and bear a time of the future.
    const auto page = co_await admin.read(tp, committed, ReadLimits());
    if (!page) co_return page.error();
    for (const ConsumerRecord& record : page->records) oldest = std::min(oldest, record.record->timestamp);
  }
  auto start = co_await admin.resolve(std::move(all), Where::at_time(oldest - history));
  if (!start) co_return start.error();
  from.start = std::move(*start);
  std::sort(from.start.begin(), from.start.end());
  for (std::size_t i = 0; i < from.start.size(); ++i) {
    const std::int64_t log_start = known->partitions[i].start_offset;
    from.start[i].offset = std::max(log_start, std::min(from.start[i].offset, from.judge_from[i]));
  }
  co_return from;
}

}  // namespace foodorder::fraud
