#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace foodorder {

/// A topic's settings as the memory bus applies them; Kafka's defaults where a topic does not set its own.
struct TopicSettings {
  /// Nothing for -1: kept without limit.
  std::optional<Duration> retention;
  /// Of one partition, as in Kafka. Nothing for -1.
  std::optional<std::int64_t> retention_bytes;
  std::int64_t message_bytes_max = 0;
  /// Records younger than this are the active segment, which compaction leaves alone.
  Duration segment{};
  double cleanable_dirty_ratio_min = 0;
  /// Nothing where a dirty record may wait without limit.
  std::optional<Duration> compaction_lag_max;
  Duration delete_retention{};
  /// All of them by Kafka's names, the defaults among them.
  std::map<std::string, std::string> config;
  std::set<std::string> changed;  ///< those that the topic has set
};

/// Checks and reads `topic.config`. The default of retention.bytes is `topic_bytes_max` shared out among the
/// partitions, so that it bounds the whole topic. Errors: invalid_argument, one line.
Result<TopicSettings> read_settings(const TopicSpec& topic, std::int64_t topic_bytes_max);

}  // namespace foodorder
