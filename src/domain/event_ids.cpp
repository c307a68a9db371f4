#include "foodorder/domain/event_ids.hpp"

#include "foodorder/base/ids.hpp"

#include <tuple>

namespace foodorder {

EventKey::EventKey(std::string_view event_id) noexcept { std::tie(low, high) = stable_hash_pair(event_id); }

bool SeenEvents::insert(const EventKey& event) {
  if (!seen_.insert(event).second) return false;
  order_.push_back(event);
  if (order_.size() > capacity_) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

}  // namespace foodorder
