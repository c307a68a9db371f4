#include "order_store.hpp"

#include <algorithm>

namespace foodorder::order {

namespace {

/// A deletion must be remembered until all partitions have passed it, or a creation that is read late would bring the
/// order back; the rest of this room is for pages that continue after an order deleted meanwhile.
constexpr std::size_t absent_max = 100'000;
/// Creations that were on their way when the store became full still fit.
constexpr std::size_t orders_slack = 10'000;

/// True where `rank` is later, or that of the same record, read again.
bool replaces(const WriteRank& rank, const WriteRank& known) noexcept {
  return rank.same_place(known) || is_later(rank, known);
}

}  // namespace

OrderStore::OrderStore(std::size_t orders_max)
    : orders_max_(orders_max), deleted_(absent_max), not_created_(absent_max) {}

void OrderStore::apply(const OrderEvent& event, const OrderWrite& write) {
  const std::string& id = event.order.id;
  PartitionHistory first{write.partition};
  PartitionHistory* const known = history_of(id, write.partition);
  PartitionHistory& history = known ? *known : first;
  const bool keyed = write.placed_by_key != EventKey();
  if (keyed && history.placed_by_key == write.placed_by_key) return;
  const WriteRank rank{std::max(history.time, write.logged), write.partition, write.offset};
  if (!write.ahead) {
    history.time = rank.time;
    history.first = std::min(history.first, write.logged);
    if (keyed) history.placed_by_key = write.placed_by_key;
  }
  const Ranked ranked{event, write, rank, first};
  if (const auto live = live_.find(id); live != live_.end())
    apply_to_live(live, ranked);
  else
    apply_to_absent(find_absent(id), ranked);
}

PartitionHistory* OrderStore::history_of(std::string_view id, std::int32_t partition) {
  if (const auto spread = spread_.empty() ? spread_.end() : spread_.find(id); spread != spread_.end()) {
    for (PartitionHistory& history : spread->second)
      if (history.partition == partition) return &history;
    return &spread->second.emplace_back(PartitionHistory{partition});
  }
  const auto live = live_.find(id);
  AbsentOrder* const absent = live == live_.end() ? find_absent(id) : nullptr;
  if (live == live_.end() && !absent) return nullptr;
  PartitionHistory& first = absent ? absent->history : live->second.history;
  if (first.partition == partition) return &first;
  return &spread_.emplace(std::string(id), std::vector{first, PartitionHistory{partition}}).first->second.back();
}

void OrderStore::apply_to_live(Live known, const Ranked& ranked) {
  StoredOrder& order = known->second;
  const auto& [event, write, rank, history] = ranked;
  if (event.action == OrderAction::deleted) {
    if (is_later(rank, order.created)) remove(known, rank);
    return;
  }
  if (event.action == OrderAction::created && replaces(rank, order.created)) {
    order.created = rank;
    by_age_.erase(Age(order.created_at, known->first));
    order.created_at = write.time;
    by_age_.emplace(order.created_at, known->first);
  }
  if (is_later(rank, order.last)) {
    order.order = event.order;
    order.updated_at = event.timestamp;
  }
  if (replaces(rank, order.last)) order.last = rank;
}

void OrderStore::apply_to_absent(AbsentOrder* absent, const Ranked& ranked) {
  const auto& [event, write, rank, history] = ranked;
  const bool outlived = absent && absent->deleted && !is_later(rank, *absent->deleted);
  if (event.action == OrderAction::deleted) {
    if (absent && absent->deleted && !replaces(rank, *absent->deleted)) return;
    if (!absent) return keep(not_created_, event.order.id, AbsentOrder{rank, nullptr, {}, history});
    absent->deleted = rank;
    if (absent->update && !is_later(absent->update->rank, rank)) absent->update.reset();
  } else if (outlived) {
    return;
  } else if (event.action == OrderAction::created) {
    revive(absent, ranked);
  } else if (!absent) {
    keep(not_created_, event.order.id,
         AbsentOrder{{}, std::make_unique<AbsentOrder::Update>(AbsentOrder::Update{event, rank}), {}, history});
  } else if (!absent->update || is_later(rank, absent->update->rank)) {
    absent->update = std::make_unique<AbsentOrder::Update>(AbsentOrder::Update{event, rank});
  } else if (rank.same_place(absent->update->rank)) {
    absent->update->rank = rank;
  }
}

/// A creation that no deletion follows.
void OrderStore::revive(AbsentOrder* absent, const Ranked& ranked) {
  if (live_.size() >= orders_max_ + orders_slack) {
    ++left_out_;
    return;
  }
  const auto& [event, write, rank, history] = ranked;
  const auto added = live_
                         .emplace(event.order.id, StoredOrder{event.order, rank, event.timestamp, rank, write.time,
                                                              absent ? absent->history : history})
                         .first;
  if (absent && absent->update && is_later(absent->update->rank, rank)) {
    added->second.order = absent->update->event.order;
    added->second.updated_at = absent->update->event.timestamp;
    added->second.last = absent->update->rank;
  }
  by_age_.emplace_hint(by_age_.end(), write.time, added->first);  // mostly the youngest
  if (!absent) return;
  deleted_.erase(added->first);
  not_created_.erase(added->first);
}

void OrderStore::remove(Live known, const WriteRank& deletion) {
  StoredOrder& order = known->second;
  AbsentOrder absent{deletion, nullptr, order.created_at, order.history};
  if (is_later(order.last, deletion))
    absent.update = std::make_unique<AbsentOrder::Update>(
        AbsentOrder::Update{OrderEvent{OrderAction::updated, std::move(order.order), order.updated_at}, order.last});
  by_age_.erase(Age(order.created_at, known->first));
  const std::string id = known->first;
  live_.erase(known);
  keep(deleted_, id, std::move(absent));
}

void OrderStore::keep(AbsentOrders& where, const std::string& id, AbsentOrder absent) {
  if (const auto forgotten = where.insert(id, std::move(absent)); forgotten && !live_.contains(*forgotten))
    spread_.erase(*forgotten);
}

const StoredOrder* OrderStore::find(std::string_view id) const {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
}

const AbsentOrder* OrderStore::find_absent(std::string_view id) const {
  const AbsentOrder* const deleted = deleted_.find(id);
  return deleted ? deleted : not_created_.find(id);
}

AbsentOrder* OrderStore::find_absent(std::string_view id) {
  AbsentOrder* const deleted = deleted_.find(id);
  return deleted ? deleted : not_created_.find(id);
}

std::optional<WriteRank> OrderStore::last_write(std::string_view id) const {
  if (const StoredOrder* live = find(id)) return live->last;
  const AbsentOrder* const absent = find_absent(id);
  if (!absent) return {};
  return absent->update ? absent->update->rank : absent->deleted;  // an update that is kept is the later one
}

std::optional<Timestamp> OrderStore::first_logged(std::string_view id) const {
  const StoredOrder* const live = find(id);
  if (!live) return {};
  Timestamp first = std::min(live->created_at, live->history.first);
  if (const auto spread = spread_.find(id); spread != spread_.end())
    for (const PartitionHistory& history : spread->second) first = std::min(first, history.first);
  return first;
}

OrderStore::Page OrderStore::list(std::size_t limit, std::optional<std::string_view> after, Listing listing) const {
  Page page;
  std::optional<Age> behind;
  if (after) {
    const StoredOrder* const known = find(*after);
    const AbsentOrder* const absent = known ? nullptr : find_absent(*after);
    page.unknown_after = !known && !(absent && absent->created_at);
    if (page.unknown_after) return page;
    behind = Age(known ? known->created_at : *absent->created_at, *after);
  }
  page.orders.reserve(std::min(limit, by_age_.size()));
  const auto fill = [&](auto next, auto end) {
    for (; next != end && page.orders.size() < limit; ++next) page.orders.push_back(find(next->second));
    page.more = next != end;
  };
  if (listing == Listing::oldest_first)
    fill(behind ? by_age_.upper_bound(*behind) : by_age_.begin(), by_age_.end());
  else
    fill(behind ? std::make_reverse_iterator(by_age_.lower_bound(*behind)) : by_age_.rbegin(), by_age_.rend());
  return page;
}

}  // namespace foodorder::order
