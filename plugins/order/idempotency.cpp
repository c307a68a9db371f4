#include "idempotency.hpp"

namespace foodorder::order {

void IdempotencyKeys::learn(const std::string& order_id, FirstAnswer answer) {
  if (const auto known = answers_.find(order_id); known != answers_.end()) {
    const bool repeats = answer.time < known->second.time + kept;
    if (repeats && !is_later(known->second.at, answer.at)) return;
    by_time_.erase({known->second.time, known->first});
    answers_.erase(known);
  }
  const auto added = answers_.emplace(order_id, std::move(answer)).first;
  by_time_.emplace(added->second.time, added->first);
  forget();
}

void IdempotencyKeys::forget() {
  const Timestamp newest = by_time_.rbegin()->first;
  while (by_time_.size() > keys_max_ || by_time_.begin()->first + kept <= newest) {
    const auto oldest = by_time_.begin();
    const auto known = answers_.find(std::string(oldest->second));
    by_time_.erase(oldest);
    answers_.erase(known);
  }
}

const FirstAnswer* IdempotencyKeys::find(const std::string& order_id, Timestamp now) const {
  const auto found = answers_.find(order_id);
  return found == answers_.end() || found->second.time + kept <= now ? nullptr : &found->second;
}

}  // namespace foodorder::order
