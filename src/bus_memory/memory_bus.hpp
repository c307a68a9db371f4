#pragma once

#include "foodorder/bus/event_bus.hpp"

namespace foodorder {

struct MemoryBusOptions {
  /// Identifies this log.
  std::string log_id;
  /// retention.bytes of a topic that does not set its own; the oldest records go first.
  std::int64_t retention_bytes = 256LL << 20;
  /// How often retention and compaction look at the logs.
  Duration housekeeping_interval = std::chrono::seconds(1);
  /// A group without members is forgotten, with its offsets, after this time (Kafka's offsets.retention.minutes).
  Duration offsets_retention = std::chrono::hours(7 * 24);
  /// At most so many groups: beyond, the one that has been without members for longest is forgotten before its time.
  std::size_t groups_max = 1'000;
};

/// A partitioned log with consumer groups in this process. It keeps nothing after its destruction. Its own
/// work runs on `executor`; `clock` gives append times, sessions and housekeeping.
std::unique_ptr<EventBus> make_memory_bus(Executor executor, Clock& clock, MemoryBusOptions options);

}  // namespace foodorder
