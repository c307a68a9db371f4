#include "order_store.hpp"

namespace foodorder::order {

namespace {

/// A deletion must be remembered until the view has passed it, or a creation that is read late would bring the order
/// back; the rest of this room is for pages that continue after an order deleted meanwhile.
constexpr std::size_t deleted_max = 100'000;
/// Creations that were on their way when the store became full still fit.
constexpr std::size_t orders_slack = 10'000;

}  // namespace

void OrderStore::apply(const OrderEvent& event, LogPlace at, Timestamp logged) {
  const Order& order = event.order;
  if (const StoredOrder* known = find(order.id); known && known->last.offset >= at.offset) return;
  if (const DeletedOrder* gone = find_deleted(order.id); gone && gone->last.offset >= at.offset) return;
  if (event.action == OrderAction::created)
    put(event, at, logged);
  else if (live_.contains(order.id) && event.action == OrderAction::updated)
    put(event, at, logged);
  else if (live_.contains(order.id))
    remove(order, at);
}

void OrderStore::put(const OrderEvent& event, LogPlace at, Timestamp logged) {
  const auto known = live_.find(event.order.id);
  if (known == live_.end()) {
    if (live_.size() >= orders_max_ + orders_slack) {
      ++left_out_;
      return;
    }
    const auto added = live_.emplace(event.order.id, StoredOrder{event.order, at, event.timestamp, logged}).first;
    by_age_.emplace(event.order.created_at, added->first);
    return;
  }
  StoredOrder& stored = known->second;
  if (stored.order.created_at != event.order.created_at) {
    by_age_.erase(Age(stored.order.created_at, known->first));
    by_age_.emplace(event.order.created_at, known->first);
  }
  stored.order = event.order;
  stored.last = at;
  stored.updated_at = event.timestamp;
  stored.first_logged = std::min(stored.first_logged, logged);
}

void OrderStore::remove(const Order& order, LogPlace at) {
  const auto known = live_.find(order.id);
  const Timestamp created_at = known->second.order.created_at;
  by_age_.erase(Age(created_at, known->first));
  const auto [gone, added] = deleted_.insert_or_assign(known->first, DeletedOrder{at, created_at});
  if (added) deleted_in_turn_.push_back(gone->first);
  live_.erase(known);
  if (deleted_in_turn_.size() <= deleted_max) return;
  deleted_.erase(deleted_in_turn_.front());
  deleted_in_turn_.pop_front();
}

const StoredOrder* OrderStore::find(std::string_view id) const {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
}

const DeletedOrder* OrderStore::find_deleted(std::string_view id) const {
  const auto found = deleted_.find(id);
  return found == deleted_.end() || live_.contains(id) ? nullptr : &found->second;
}

OrderStore::Page OrderStore::list(std::size_t limit, std::optional<std::string_view> after) const {
  Page page;
  auto next = by_age_.begin();
  if (after) {
    const StoredOrder* known = find(*after);
    const DeletedOrder* gone = find_deleted(*after);
    page.unknown_after = !known && !gone;
    if (page.unknown_after) return page;
    next = by_age_.upper_bound(Age(known ? known->order.created_at : gone->created_at, *after));
  }
  page.orders.reserve(std::min(limit, by_age_.size()));
  for (; next != by_age_.end() && page.orders.size() < limit; ++next) page.orders.push_back(find(next->second));
  page.more = next != by_age_.end();
  return page;
}

}  // namespace foodorder::order
