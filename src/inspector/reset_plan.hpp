#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "message_query.hpp"

#include <optional>
#include <string>
#include <vector>

namespace foodorder::inspector {

/// Where a group is to go on; as kafka-consumer-groups has it.
struct ResetRequest {
  enum class To { earliest, latest, current, offset, shift, time, duration, group };

  /// A topic, or some partitions of it.
  struct Choice {
    std::string topic;
    std::vector<std::int32_t> partitions;  ///< none: all
  };

  /// Reads a body (web/openapi.json, OffsetReset). What is wrong goes to `errors`.
  static ResetRequest from_json(const json::object& body, Timestamp now, Problems& errors);

  To to = To::earliest;
  std::int64_t number = 0;     ///< of offset and shift
  Timestamp time{};            ///< of time and duration
  std::string other_group;     ///< of group
  std::vector<Choice> topics;  ///< none: all that the group has committed
  bool dry_run = false;
};

/// One partition before and after.
struct ResetStep {
  TopicPartition tp;
  std::optional<std::int64_t> before;
  std::int64_t after = 0;
  std::int64_t start = 0;
  std::int64_t end = 0;
  std::string note;  ///< where `after` is not what was asked for
};

/// What a reset would do. Errors: not_found (group, topic, partition), invalid_argument (nothing to be reset, or a
/// partition that cannot be), and as Admin's.
Task<Result<std::vector<ResetStep>>> plan_reset(EventBus& bus, const std::vector<GroupDescription>& groups,
                                                std::string group, const ResetRequest& request);

/// ISO 8601: `P[n]W`, or `P[n]DT[n]H[n]M[n]S` with at least one part; at most a century.
std::optional<Duration> parse_duration(std::string_view text);

}  // namespace foodorder::inspector
