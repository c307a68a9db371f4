#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/base/time.hpp"

#include <cstdint>
#include <string_view>

// Whether a delivery fails and what follows from it. Pure: the same record meets the same fate at every delivery.

namespace foodorder::notification {

/// What follows the failure of a record that has been retried twice.
enum class FailMode { dlq, drop, retry_forever };

/// "dlq", "drop" and "retry-forever"; anything else is a defect.
FailMode fail_mode_from(std::string_view text);

struct RetryPolicy {
  double fail_rate = 0.3;  ///< probability, 0 to 1
  FailMode fail_mode = FailMode::dlq;
  Duration backoff = std::chrono::milliseconds(200);
  Duration backoff_max = std::chrono::seconds(5);
};

/// Of the settings of the notification service, which every architecture has.
template <class Settings>
RetryPolicy retry_policy_from(const Settings& settings) {
  RetryPolicy policy;
  policy.fail_rate = settings.number("failRate");
  policy.fail_mode = fail_mode_from(settings.text("failMode"));
  policy.backoff = std::chrono::milliseconds(settings.integer("retryBackoffMs"));
  policy.backoff_max = std::chrono::milliseconds(settings.integer("retryBackoffMaxMs"));
  return policy;
}

enum class Outcome { notified, retry, dead_letter, drop };

/// Retries a record is given, unless it is retried for ever.
inline constexpr std::int64_t retry_count_max = 2;

/// True with a probability of `fail_rate`, by a hash of the seed, the event and its retry count.
bool delivery_fails(std::string_view event_id, std::int64_t retry_count, std::uint64_t seed, double fail_rate);

Outcome outcome_of(std::string_view event_id, std::int64_t retry_count, std::uint64_t seed, const RetryPolicy& policy);

/// How often an instance came to each outcome.
struct OutcomeCounts {
  std::int64_t notified = 0;
  std::int64_t retried = 0;
  std::int64_t dead_lettered = 0;
  std::int64_t dropped = 0;

  /// As the instance reports them.
  [[nodiscard]] json::object report() const {
    return {{"notified", notified}, {"retried", retried}, {"deadLettered", dead_lettered}, {"dropped", dropped}};
  }
};

/// How long to wait before a record is produced again that was delivered with `retry_count`: doubles with each.
Duration backoff_for(std::int64_t retry_count, const RetryPolicy& policy);

}  // namespace foodorder::notification
