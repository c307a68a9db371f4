#include "table_order_book.hpp"

#include "bus/partitioner.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order_http/conditions.hpp"
#include "rules/order_changes.hpp"

#include <fmt/format.h>

namespace foodorder::monolith {

namespace {

using order::Booked;
using order::ListPage;
using order::Refusal;
using order::TaggedOrder;
using Why = Refusal::Why;

constexpr std::int32_t order_partitions = 3;

std::string tag_in(const std::string& log_id, std::string_view id, std::int64_t version) {
  return order::entity_tag(order::log_tag(log_id), partition_for_key(id, order_partitions), version);
}

}  // namespace

order::Refusal refusal_of(const Error& error, std::string_view order_id) {
  switch (error.code) {
    case Errc::outcome_unknown:
      return Refusal(Why::outcome_unknown, order_id);
    case Errc::queue_full:
      return Refusal(Why::queue_full, order_id);
    default:
      return Refusal(Why::unavailable, order_id, error.message);
  }
}

/// The times of a write follow one another, and no other has one of them.
database::OrderWrite TableOrderBook::new_write(std::optional<std::string_view> traceparent) const {
  database::OrderWrite write;
  const auto trace = traceparent ? Traceparent::parse(*traceparent) : std::nullopt;
  write.trace_id = trace ? std::string(trace->trace_id()) : parts_.ids.hex(32);
  write.event_id = parts_.ids.uuid();
  for (int time = 0; time < database::times_per_write; ++time) write.time = parts_.clock.stamp();
  write.time -= Duration(database::times_per_write - 1);
  return write;
}

std::string TableOrderBook::tag_of(std::string_view id, std::int64_t version) const {
  return tag_in(parts_.orders.log_id(), id, version);
}

TaggedOrder TableOrderBook::tagged(database::StoredOrder stored) const {
  std::string tag = tag_of(stored.order.id, stored.version);
  return TaggedOrder(std::move(stored.order), std::move(tag));
}

Task<Booked<TaggedOrder>> TableOrderBook::place(const order::NewOrder& wanted) {
  Faults& faults = parts_.gate.faults();
  if (faults.delay() > Duration::zero()) co_await sleep_for(parts_.clock, faults.delay());
  if (faults.fails())
    co_return refusal_of(Error(Errc::unavailable, "the fraud check fails: its faultRate asks for it"), "");
  database::NewOrder order;
  std::string id = wanted.key ? order::id_from_key(*wanted.key) : parts_.ids.uuid();
  if (wanted.key) order.body_hash = order::body_hash(wanted.fields);
  const OrderEvent event = order::placing(std::move(id), wanted.fields, parts_.clock.now());
  order.write = new_write(wanted.traceparent);
  order.write.event = event;
  order.window = parts_.gate.limits().window;
  order.decide = parts_.gate.decide(event);
  auto placed = co_await parts_.orders.place(std::move(order));
  if (!placed) co_return refusal_of(placed.error(), event.order.id);
  co_return answer(std::move(*placed), event);
}

Booked<TaggedOrder> TableOrderBook::answer(database::Placing placing, const OrderEvent& event) const {
  const std::string& id = event.order.id;
  using Outcome = database::Placing::Outcome;
  switch (placing.outcome) {
    case Outcome::placed:
    case Outcome::repeated:
      return tagged(std::move(placing.stored));
    case Outcome::blocked:
      return Refusal(Why::fraud, id, parts_.gate.findings(event, placing.recent));
    case Outcome::key_reused:
      return Refusal(Why::key_reused, id);
    case Outcome::key_too_old:
      return Refusal(Why::key_too_old, id);
    case Outcome::full:
      return Refusal(Why::book_full, id);
  }
  return Refusal(Why::unavailable, id);
}

/// The conditions are judged inside the transaction, so that nothing comes between.
Task<Booked<TaggedOrder>> TableOrderBook::change(const order::OrderChange& wanted) {
  return change_by(wanted, new_write(wanted.traceparent), parts_.clock.now());
}

Task<Booked<TaggedOrder>> TableOrderBook::change_by(const order::OrderChange& wanted, database::OrderWrite write,
                                                    Timestamp now) {
  database::Change change;
  change.order_id = wanted.id;
  change.write = std::move(write);
  change.decide = [conditions = wanted.conditions, action = wanted.action, fields = wanted.fields, now,
                   log_id = parts_.orders.log_id()](const database::StoredOrder& stored) -> std::optional<OrderEvent> {
    const std::string tag = tag_in(log_id, stored.order.id, stored.version);
    if (conditions.judge(tag) != http::Precondition::holds) return {};
    return order::changing(stored.order, action, fields, now);
  };
  auto changed = co_await parts_.orders.change(std::move(change));
  if (!changed) co_return refusal_of(changed.error(), wanted.id);
  if (changed->outcome == database::Changing::Outcome::not_found) co_return Refusal(Why::not_found, wanted.id);
  if (changed->outcome == database::Changing::Outcome::changed) co_return tagged(std::move(changed->stored));
  std::string tag = tag_of(wanted.id, changed->stored.version);
  const bool match = wanted.conditions.judge(tag) == http::Precondition::if_match_failed;
  co_return Refusal(match ? Why::if_match_failed : Why::if_none_match_failed, wanted.id, std::move(tag));
}

Task<Booked<TaggedOrder>> TableOrderBook::find(std::string_view id) {
  auto found = co_await parts_.orders.find(std::string(id));
  if (!found) co_return refusal_of(found.error(), id);
  if (!*found) co_return Refusal(Why::not_found, id);
  co_return tagged(std::move(**found));
}

Task<Booked<ListPage>> TableOrderBook::list(const order::ListQuery& query, const Each& each) {
  database::Listing listing;
  listing.limit = query.limit;
  listing.after = query.after;
  listing.newest_first = query.newest_first;
  const order::SlotOffsets known = parts_.live.feed()->next();
  const auto listed = co_await parts_.orders.list(std::move(listing));
  if (!listed) co_return refusal_of(listed.error(), "");
  if (listed->unknown_after) co_return Refusal(Why::not_found, *query.after);
  for (const database::StoredOrder& stored : listed->orders) each(stored.order);
  // In one database every topic's next offset is the number of the next row; of others, what is read there counts.
  order::SlotOffsets next(parts_.live.slots().shown(), listed->end);
  for (std::size_t slot = 0; parts_.orders_only && slot < next.size(); ++slot)
    if (parts_.live.slots().partition(slot).topic != topics::orders) next[slot] = known[slot];
  co_return ListPage(listed->more, static_cast<std::size_t>(listed->total), parts_.live.feed()->event_id(next));
}

Task<std::optional<Timestamp>> TableOrderBook::first_logged(std::string_view id) {
  const auto found = co_await parts_.orders.find(std::string(id));
  if (!found || !*found) co_return std::nullopt;
  co_return (**found).order.created_at;
}

}  // namespace foodorder::monolith
