#include "foodorder/runtime/event_ids.hpp"

#include "foodorder/base/ids.hpp"

namespace foodorder {

EventKey::EventKey(std::string_view event_id) noexcept : high(stable_hash(event_id, 1)), low(stable_hash(event_id)) {}

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
