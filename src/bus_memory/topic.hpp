#pragma once

#include "foodorder/base/park.hpp"
#include "log.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace foodorder {

/// Where a consumer's next() parks. Waking one that does not wait costs nothing and is not remembered: who parks has
/// looked before, without a suspension in between.
struct Sleeper {
  void wake() {
    if (waiter.pending()) std::exchange(waiter, {}).complete(Wake{});
  }

  Waiter<Wake> waiter;
};

struct MemoryPartition {
  MemoryPartition(TopicPartition name, const TopicSettings& settings, Cleanup cleanup)
      : tp(std::move(name)), log(settings, cleanup) {}

  void wake_readers() const {
    for (Sleeper* reader : readers) reader->wake();
  }

  const TopicPartition tp;
  MemoryLog log;
  std::vector<Sleeper*> readers;  ///< of the consumers that own it now
};

/// Never removed, so that pointers to it and to its partitions stay good as long as the broker.
struct MemoryTopic {
  MemoryTopic(const TopicSpec& spec, TopicSettings its_settings)
      : name(spec.name), cleanup(spec.cleanup), settings(std::move(its_settings)) {
    for (std::int32_t i = 0; i < spec.partitions; ++i)
      partitions.push_back(std::make_unique<MemoryPartition>(TopicPartition(name, i), settings, cleanup));
  }

  [[nodiscard]] MemoryPartition* find(std::int32_t partition) const {
    const auto index = static_cast<std::size_t>(partition);
    return partition >= 0 && index < partitions.size() ? partitions[index].get() : nullptr;
  }

  const std::string name;
  const Cleanup cleanup;
  const TopicSettings settings;
  std::vector<std::unique_ptr<MemoryPartition>> partitions;
};

}  // namespace foodorder
