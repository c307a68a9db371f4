#include "bus/topic_settings.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder {

std::vector<std::string_view> topic_setting_names() {
  return {"delete.retention.ms", "max.compaction.lag.ms", "max.message.bytes", "min.cleanable.dirty.ratio",
          "retention.bytes",     "retention.ms",          "segment.ms"};
}

Result<void> check_topic_settings(const TopicSpec& topic) {
  const auto allowed = topic_setting_names();
  for (const auto& [name, value] : topic.config)
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end())
      return Error(Errc::invalid_argument, fmt::format("topic {}: unknown setting {}; allowed are {}", topic.name, name,
                                                       fmt::join(allowed, ", ")));
  return {};
}

}  // namespace foodorder
