#include "order_store.hpp"

namespace foodorder::order {

namespace {

/// A deletion must be remembered until the view has passed it, or a creation that is read late would bring the order
/// back; the rest of this room is for pages that continue after an order deleted meanwhile.
constexpr std::size_t deleted_max = 100'000;
/// Creations that were on their way when the store became full still fit.
constexpr std::size_t orders_slack = 10'000;

}  // namespace

void OrderStore::apply(const OrderEvent& event, LogPlace at, Timestamp time) {
  const Order& order = event.order;
  const StoredOrder* known = find(order.id);
  // An update of ours may be known before the deletion in front of it, by another process, is read: it changed nothing.
  const bool deletes = known && event.action == OrderAction::deleted && at.offset > known->created;
  if (known && known->last.offset >= at.offset && !deletes) return;
  if (const DeletedOrder* gone = find_deleted(order.id); gone && gone->last.offset >= at.offset) return;
  const bool live = live_.contains(order.id);
  if (event.action == OrderAction::created || (live && event.action == OrderAction::updated))
    put(event, at, time);
  else if (live)
    remove(order.id, at);
}

void OrderStore::put(const OrderEvent& event, LogPlace at, Timestamp time) {
  const auto known = live_.find(event.order.id);
  if (known != live_.end()) {
    known->second.order = event.order;
    known->second.last = at;
    known->second.updated_at = event.timestamp;
    if (event.action == OrderAction::created) known->second.created = at.offset;
  } else if (live_.size() < orders_max_ + orders_slack) {
    const auto added =
        live_.emplace(event.order.id, StoredOrder{event.order, at, event.timestamp, time, at.offset}).first;
    by_age_.emplace_hint(by_age_.end(), time, added->first);  // mostly the youngest
  } else {
    ++left_out_;
  }
}

void OrderStore::remove(const std::string& id, LogPlace at) {
  const auto known = live_.find(id);
  const Timestamp born = known->second.born;
  by_age_.erase(Age(born, known->first));
  live_.erase(known);
  const auto [gone, added] = deleted_.insert_or_assign(id, DeletedOrder{at, born});
  if (added) deleted_in_turn_.push_back(gone->first);
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
    next = by_age_.upper_bound(Age(known ? known->born : gone->born, *after));
  }
  page.orders.reserve(std::min(limit, by_age_.size()));
  for (; next != by_age_.end() && page.orders.size() < limit; ++next) page.orders.push_back(find(next->second));
  page.more = next != by_age_.end();
  return page;
}

}  // namespace foodorder::order
