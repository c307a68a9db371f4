#include "retry_policy.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/ids.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

namespace foodorder::notification {

FailMode fail_mode_from(std::string_view text) {
  if (text == "dlq") return FailMode::dlq;
  if (text == "drop") return FailMode::drop;
  if (text == "retry-forever") return FailMode::retry_forever;
  throw std::invalid_argument(fmt::format("no such failMode: {}", text));
}

bool delivery_fails(std::string_view event_id, std::int64_t retry_count, std::uint64_t seed, double fail_rate) {
  const std::uint64_t hash = stable_hash(concat(event_id, "\n", fmt::format_int(retry_count)), seed);
  // The upper 53 bits as a number in [0, 1): 0 never fails, 1 always does.
  const double uniform = static_cast<double>(hash >> 11) * 0x1.0p-53;
  return uniform < fail_rate;
}

Outcome outcome_of(std::string_view event_id, std::int64_t retry_count, std::uint64_t seed, const RetryPolicy& policy) {
  if (!delivery_fails(event_id, retry_count, seed, policy.fail_rate)) return Outcome::notified;
  if (retry_count < retry_count_max || policy.fail_mode == FailMode::retry_forever) return Outcome::retry;
  return policy.fail_mode == FailMode::dlq ? Outcome::dead_letter : Outcome::drop;
}

Duration backoff_for(std::int64_t retry_count, const RetryPolicy& policy) {
  Duration wait = policy.backoff;
  for (std::int64_t i = 0; i < retry_count && wait < policy.backoff_max && wait > Duration::zero(); ++i) wait *= 2;
  return std::min(wait, policy.backoff_max);
}

}  // namespace foodorder::notification
