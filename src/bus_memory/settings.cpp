#include "settings.hpp"

#include "bus/topic_settings.hpp"
#include "foodorder/base/number.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace foodorder {

namespace {

constexpr std::int64_t day_ms = 24LL * 3600 * 1000;
constexpr std::int64_t unlimited = std::numeric_limits<std::int64_t>::max();

struct WholeNumber {
  std::string_view name;
  std::int64_t min;
  std::int64_t fallback;
};

constexpr std::array whole_numbers = {
    WholeNumber{"delete.retention.ms", 0, day_ms},  WholeNumber{"max.compaction.lag.ms", 1, unlimited},
    WholeNumber{"max.message.bytes", 0, 1'048'588}, WholeNumber{"retention.bytes", -1, -1},
    WholeNumber{"retention.ms", -1, 7 * day_ms},    WholeNumber{"segment.ms", 1, 7 * day_ms},
};
constexpr std::string_view dirty_ratio = "min.cleanable.dirty.ratio";
constexpr double dirty_ratio_fallback = 0.5;

/// A century stands for all that is longer, so that adding it to a time cannot overflow.
Duration millis(std::int64_t count) { return std::chrono::milliseconds(std::min(count, 36'525 * day_ms)); }

Result<std::int64_t> read_whole(const TopicSpec& topic, const WholeNumber& setting, std::int64_t fallback) {
  const auto given = topic.config.find(std::string(setting.name));
  if (given == topic.config.end()) return fallback;
  const auto value = parse_number<std::int64_t>(given->second);
  if (value && *value >= setting.min) return *value;
  return Error(Errc::invalid_argument, fmt::format("topic {}: {} is {}; allowed are whole numbers from {}", topic.name,
                                                   setting.name, given->second, setting.min));
}

Result<double> read_ratio(const TopicSpec& topic) {
  const auto given = topic.config.find(std::string(dirty_ratio));
  if (given == topic.config.end()) return dirty_ratio_fallback;
  const auto value = parse_number<double>(given->second);
  if (value && *value >= 0 && *value <= 1) return *value;
  return Error(Errc::invalid_argument, fmt::format("topic {}: {} is {}; allowed are numbers from 0 to 1", topic.name,
                                                   dirty_ratio, given->second));
}

}  // namespace

Result<TopicSettings> read_settings(const TopicSpec& topic, std::int64_t topic_bytes_max) {
  const auto names = check_topic_settings(topic);
  if (!names) return names.error();
  TopicSettings settings;
  for (const auto& [name, value] : topic.config) settings.changed.insert(name);
  std::map<std::string_view, std::int64_t> numbers;
  for (const WholeNumber& setting : whole_numbers) {
    const bool shared = setting.name == "retention.bytes" && topic_bytes_max >= 0;
    const auto value = read_whole(topic, setting, shared ? topic_bytes_max / topic.partitions : setting.fallback);
    if (!value) return value.error();
    numbers[setting.name] = *value;
    settings.config[std::string(setting.name)] = fmt::format("{}", *value);
  }
  const auto ratio = read_ratio(topic);
  if (!ratio) return ratio.error();
  settings.config[std::string(dirty_ratio)] = fmt::format("{}", *ratio);

  if (numbers["retention.ms"] >= 0) settings.retention = millis(numbers["retention.ms"]);
  if (numbers["retention.bytes"] >= 0) settings.retention_bytes = numbers["retention.bytes"];
  settings.message_bytes_max = numbers["max.message.bytes"];
  settings.segment = millis(numbers["segment.ms"]);
  settings.cleanable_dirty_ratio_min = *ratio;
  if (numbers["max.compaction.lag.ms"] < unlimited)
    settings.compaction_lag_max = millis(numbers["max.compaction.lag.ms"]);
  settings.delete_retention = millis(numbers["delete.retention.ms"]);
  return settings;
}

}  // namespace foodorder
