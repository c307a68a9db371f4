#include "order_store.hpp"

#include <algorithm>

namespace foodorder::order {

namespace {

/// A deletion must be remembered until all partitions have passed it, or a creation that is read late would bring the
/// order back; the rest of this room is for pages that continue after an order deleted meanwhile.
constexpr std::size_t gone_max = 100'000;
/// Creations that were on their way when the store became full still fit.
constexpr std::size_t orders_slack = 10'000;

/// True where `rank` is later, or that of the same record, read again.
bool replaces(const WriteRank& rank, const WriteRank& known) noexcept {
  return rank.same_place(known) || is_later(rank, known);
}

}  // namespace

OrderStore::OrderStore(std::size_t orders_max) : orders_max_(orders_max), deleted_(gone_max), unborn_(gone_max) {}

void OrderStore::apply(const OrderEvent& event, const OrderWrite& write) {
  const std::string& id = event.order.id;
  PartitionPast first{write.partition};
  PartitionPast* const known = past_of(id, write.partition);
  PartitionPast& past = known ? *known : first;
  const bool keyed = write.placed_by_key != EventKey();
  if (keyed && past.placed_by_key == write.placed_by_key) return;
  const WriteRank rank{std::max(past.time, write.logged), write.partition, write.offset};
  if (!write.ahead) {
    past.time = rank.time;
    past.first = std::min(past.first, write.logged);
    if (keyed) past.placed_by_key = write.placed_by_key;
  }
  const Ranked ranked{event, write, rank, first};
  if (const auto live = live_.find(id); live != live_.end())
    apply_to_live(live, ranked);
  else
    apply_to_gone(find_gone(id), ranked);
}

PartitionPast* OrderStore::past_of(std::string_view id, std::int32_t partition) {
  if (const auto spread = spread_.find(id); spread != spread_.end()) {
    for (PartitionPast& past : spread->second)
      if (past.partition == partition) return &past;
    return &spread->second.emplace_back(PartitionPast{partition});
  }
  const auto live = live_.find(id);
  GoneOrder* const gone = live == live_.end() ? find_gone(id) : nullptr;
  if (live == live_.end() && !gone) return nullptr;
  PartitionPast& first = gone ? gone->past : live->second.past;
  if (first.partition == partition) return &first;
  return &spread_.emplace(std::string(id), std::vector{first, PartitionPast{partition}}).first->second.back();
}

void OrderStore::apply_to_live(Live known, const Ranked& ranked) {
  StoredOrder& order = known->second;
  const auto& [event, write, rank, past] = ranked;
  if (event.action == OrderAction::deleted) {
    if (is_later(rank, order.created)) remove(known, rank);
    return;
  }
  if (event.action == OrderAction::created && replaces(rank, order.created)) {
    order.created = rank;
    by_age_.erase(Age(order.born, known->first));
    order.born = write.time;
    by_age_.emplace(order.born, known->first);
  }
  if (is_later(rank, order.last)) {
    order.order = event.order;
    order.updated_at = event.timestamp;
  }
  if (replaces(rank, order.last)) order.last = rank;
}

void OrderStore::apply_to_gone(GoneOrder* gone, const Ranked& ranked) {
  const auto& [event, write, rank, past] = ranked;
  const bool outlived = gone && gone->deleted && !is_later(rank, *gone->deleted);
  if (event.action == OrderAction::deleted) {
    if (gone && gone->deleted && !replaces(rank, *gone->deleted)) return;
    if (!gone) return keep(unborn_, event.order.id, GoneOrder{rank, nullptr, {}, past});
    gone->deleted = rank;
    if (gone->update && !is_later(gone->update->rank, rank)) gone->update.reset();
  } else if (outlived) {
    return;
  } else if (event.action == OrderAction::created) {
    revive(gone, ranked);
  } else if (!gone) {
    keep(unborn_, event.order.id,
         GoneOrder{{}, std::make_unique<GoneOrder::Update>(GoneOrder::Update{event, rank}), {}, past});
  } else if (!gone->update || is_later(rank, gone->update->rank)) {
    gone->update = std::make_unique<GoneOrder::Update>(GoneOrder::Update{event, rank});
  } else if (rank.same_place(gone->update->rank)) {
    gone->update->rank = rank;
  }
}

/// A creation that no deletion follows.
void OrderStore::revive(GoneOrder* gone, const Ranked& ranked) {
  if (live_.size() >= orders_max_ + orders_slack) {
    ++left_out_;
    return;
  }
  const auto& [event, write, rank, past] = ranked;
  const auto added = live_
                         .emplace(event.order.id, StoredOrder{event.order, rank, event.timestamp, rank, write.time,
                                                              gone ? gone->past : past})
                         .first;
  if (gone && gone->update && is_later(gone->update->rank, rank)) {
    added->second.order = gone->update->event.order;
    added->second.updated_at = gone->update->event.timestamp;
    added->second.last = gone->update->rank;
  }
  by_age_.emplace_hint(by_age_.end(), write.time, added->first);  // mostly the youngest
  if (!gone) return;
  deleted_.erase(added->first);
  unborn_.erase(added->first);
}

void OrderStore::remove(Live known, const WriteRank& deletion) {
  StoredOrder& order = known->second;
  GoneOrder gone{deletion, nullptr, order.born, order.past};
  if (is_later(order.last, deletion))
    gone.update = std::make_unique<GoneOrder::Update>(
        GoneOrder::Update{OrderEvent{OrderAction::updated, std::move(order.order), order.updated_at}, order.last});
  by_age_.erase(Age(order.born, known->first));
  const std::string id = known->first;
  live_.erase(known);
  keep(deleted_, id, std::move(gone));
}

void OrderStore::keep(GoneOrders& where, const std::string& id, GoneOrder gone) {
  if (const auto forgotten = where.insert(id, std::move(gone)); forgotten && !live_.contains(*forgotten))
    spread_.erase(*forgotten);
}

const StoredOrder* OrderStore::find(std::string_view id) const {
  const auto found = live_.find(id);
  return found == live_.end() ? nullptr : &found->second;
}

const GoneOrder* OrderStore::find_gone(std::string_view id) const {
  const GoneOrder* const deleted = deleted_.find(id);
  return deleted ? deleted : unborn_.find(id);
}

GoneOrder* OrderStore::find_gone(std::string_view id) {
  GoneOrder* const deleted = deleted_.find(id);
  return deleted ? deleted : unborn_.find(id);
}

std::optional<WriteRank> OrderStore::last_write(std::string_view id) const {
  if (const StoredOrder* live = find(id)) return live->last;
  const GoneOrder* const gone = find_gone(id);
  if (!gone) return {};
  return gone->update ? gone->update->rank : gone->deleted;  // an update that is kept is the later one
}

std::optional<Timestamp> OrderStore::first_logged(std::string_view id) const {
  const StoredOrder* const live = find(id);
  if (!live) return {};
  Timestamp first = std::min(live->born, live->past.first);
  if (const auto spread = spread_.find(id); spread != spread_.end())
    for (const PartitionPast& past : spread->second) first = std::min(first, past.first);
  return first;
}

OrderStore::Page OrderStore::list(std::size_t limit, std::optional<std::string_view> after, Listing listing) const {
  Page page;
  std::optional<Age> behind;
  if (after) {
    const StoredOrder* const known = find(*after);
    const GoneOrder* const gone = known ? nullptr : find_gone(*after);
    page.unknown_after = !known && !(gone && gone->born);
    if (page.unknown_after) return page;
    behind = Age(known ? known->born : *gone->born, *after);
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
