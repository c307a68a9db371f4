#pragma once

#include "bus_memory/memory_bus.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/runtime/topics.hpp"
#include "support/virtual_loop.hpp"

#include <prometheus/registry.h>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::test {

/// What most tests stand on: a loop in virtual time, a memory bus with topics, ids from a seed. It is a part of the
/// worlds of the tests, which add what they are about.
struct MemoryWorld {
  explicit MemoryWorld(MemoryBusOptions options = with_log_id("test"), std::uint64_t seed = 1,
                       Timestamp start = VirtualClock().now())
      : loop(start),
        ids(make_seeded_ids(seed)),
        bus(make_memory_bus(loop.context.get_executor(), loop.clock, std::move(options))) {}

  static MemoryBusOptions with_log_id(std::string log_id) {
    MemoryBusOptions options;
    options.log_id = std::move(log_id);
    return options;
  }

  void make_topics(std::vector<TopicSpec> topics = topics::catalogue()) {
    loop.finish(bus->admin().ensure_topics(std::move(topics))).value();
  }

  /// Everything in a topic, by partition and offset.
  std::vector<ConsumerRecord> read(std::string_view topic) {
    std::vector<ConsumerRecord> all;
    const auto described = loop.finish(bus->admin().topics()).value();
    for (const TopicDescription& known : described)
      for (const PartitionDescription& partition : known.partitions)
        if (known.name == topic) read(TopicPartition(known.name, partition.partition), partition, all);
    return all;
  }

  VirtualLoop loop;
  std::unique_ptr<IdSource> ids;
  prometheus::Registry metrics;
  std::unique_ptr<EventBus> bus;

 private:
  void read(const TopicPartition& tp, const PartitionDescription& partition, std::vector<ConsumerRecord>& all) {
    for (std::int64_t next = partition.start_offset; next < partition.end_offset;) {
      const auto page = loop.finish(bus->admin().read(tp, next, ReadLimits())).value();
      all.insert(all.end(), page.records.begin(), page.records.end());
      next = page.next_offset;
    }
  }
};

}  // namespace foodorder::test
