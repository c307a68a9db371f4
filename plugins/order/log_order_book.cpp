#include "log_order_book.hpp"

#include "foodorder/base/yield.hpp"
#include "foodorder/runtime/topics.hpp"
#include "order_http/conditions.hpp"
#include "rules/order_changes.hpp"

#include <fmt/format.h>

namespace foodorder::order {

namespace {

using Why = Refusal::Why;

constexpr std::size_t short_list_max = 100;

/// A write that the log did not take.
Refusal write_failed(const Error& error, std::string_view order_id) {
  switch (error.code) {
    case Errc::outcome_unknown:
      return Refusal(Why::outcome_unknown, order_id);
    case Errc::too_large:
      return Refusal(Why::too_large, order_id, error.message);
    case Errc::queue_full:
      return Refusal(Why::queue_full, order_id);
    default:
      return Refusal(Why::unavailable, order_id, fmt::format("nothing was written: {}", error.message));
  }
}

/// All records of one key are one event, however many processes wrote one: consumers fold them by this id. Once the
/// key is forgotten and its order deleted, the next creation is another event, told by the deletion that it follows.
Uuid creation_id(const OrderStore& store, const std::string& order_id) {
  std::string name = "created " + order_id;
  if (const AbsentOrder* const absent = store.find_absent(order_id); absent && absent->deleted)
    name += fmt::format(" after {}@{}", absent->deleted->partition, absent->deleted->offset);
  return Uuid::parse(uuid_from_name(name)).value();
}

}  // namespace

LogOrderBook::LogOrderBook(const Parts& parts, const std::string& client_id, const LogBookLimits& limits,
                           std::function<void()> moved)
    : parts_(parts),
      view_timeout_(limits.outcome_timeout),
      state_(limits.orders_max, limits.keys_max),
      view_progress_(parts.clock),
      writer_(parts.bus, parts.clock, client_id, limits.outcome_timeout,
              [this](const OrderEvent& event, const Position& at, const OrderRecord& written) {
                OrderWrite write = write_of(*written.outgoing.record, at, written.time);
                write.ahead = true;
                state_.store.apply(event, write);
              }),
      view_(
          parts.bus, parts.clock, client_id + "-view", {std::string(topics::orders)},
          [this](const ConsumerRecord& record) {
            state_.fold(record);
            writer_.seen(*record.record);
          },
          [this, then = std::move(moved)] {
            view_progress_.moved();
            then();
          }) {}

void LogOrderBook::set_limits(const LogBookLimits& limits) {
  view_timeout_ = limits.outcome_timeout;
  writer_.set_outcome_timeout(limits.outcome_timeout);
  state_.store.set_orders_max(limits.orders_max);
  state_.keys.set_keys_max(limits.keys_max);
}

/// In the partition of the latest write the next one is later by its offset alone, whatever the clocks say.
std::optional<std::int32_t> LogOrderBook::partition_of(std::string_view order_id) const {
  const auto last = state_.store.last_write(order_id);
  return last ? std::optional(last->partition) : std::nullopt;
}

TaggedOrder LogOrderBook::tagged(Order order, std::int32_t partition, std::int64_t offset) const {
  return TaggedOrder(std::move(order), entity_tag(parts_.live.feed()->log_tag(), partition, offset));
}

Task<Booked<TaggedOrder>> LogOrderBook::place(const NewOrder& wanted) {
  if (wanted.key) {
    auto placed = co_await place_keyed(wanted);
    co_return placed;
  }
  if (state_.store.full()) co_return Refusal(Why::book_full, "");
  OrderEvent event = placing(parts_.ids.uuid(), wanted.fields, parts_.clock.now());
  OrderWriter::Write write(parts_.events.order_event(event, wanted.traceparent), {});
  write.event = event;
  const auto written = co_await writer_.write(std::move(write));
  if (!written) co_return write_failed(written.error(), event.order.id);
  co_return tagged(std::move(event.order), written->tp.partition, written->offset);
}

Task<Booked<TaggedOrder>> LogOrderBook::place_keyed(const NewOrder& wanted) {
  const Keyed keyed{id_from_key(*wanted.key), body_hash(wanted.fields)};
  const auto lock = co_await locks_.lock(keyed.order_id);
  if (!lock) co_return Refusal(Why::too_many_waiting, keyed.order_id);
  if (auto known = known_answer(keyed)) co_return std::move(*known);
  if (writer_.in_doubt(keyed.order_id)) co_return Refusal(Why::outcome_unknown, keyed.order_id);
  if (state_.store.find(keyed.order_id)) co_return Refusal(Why::key_too_old, keyed.order_id);
  if (state_.store.full()) co_return Refusal(Why::book_full, keyed.order_id);
  const OrderEvent event = placing(keyed.order_id, wanted.fields, parts_.clock.now());
  const CreationKey creation_key{creation_id(state_.store, keyed.order_id), keyed.body_hash};
  OrderRecord record = parts_.events.order_event(event, wanted.traceparent, &creation_key);
  OrderWrite effect = write_of(*record.outgoing.record, Position(), record.time);
  // The view alone takes its event: another process may have been first.
  OrderWriter::Write write(std::move(record), partition_of(keyed.order_id));
  const auto written = co_await writer_.write(std::move(write));
  if (!written) co_return write_failed(written.error(), keyed.order_id);
  effect.partition = written->tp.partition;
  effect.offset = written->offset;
  auto placed = co_await learn_answer(keyed, event, effect);
  co_return placed;
}

std::optional<Booked<TaggedOrder>> LogOrderBook::known_answer(const Keyed& keyed) const {
  const FirstAnswer* first = state_.keys.find(keyed.order_id, parts_.clock.now());
  if (!first) return {};
  if (first->body_hash != keyed.body_hash) return Refusal(Why::key_reused, keyed.order_id);
  return tagged(first->order, first->at.partition, first->at.offset);
}

Task<Booked<TaggedOrder>> LogOrderBook::learn_answer(const Keyed& keyed, const OrderEvent& event,
                                                     const OrderWrite& write) {
  Position at(TopicPartition(std::string(topics::orders), write.partition), write.offset);
  const bool folded = co_await view_progress_.folded(view_, std::move(at), view_timeout_);
  if (!folded) {
    const WriteRank rank{write.logged, write.partition, write.offset};
    state_.keys.learn(keyed.order_id, FirstAnswer{keyed.body_hash, event.order, rank, write.time});
    OrderWrite ahead = write;
    ahead.ahead = true;
    state_.store.apply(event, ahead);
  }
  auto known = known_answer(keyed);
  if (known) co_return std::move(*known);
  co_return tagged(event.order, write.partition, write.offset);  // forgotten at once: no room for keys
}

Task<Booked<TaggedOrder>> LogOrderBook::change(const OrderChange& wanted) {
  const std::string id(wanted.id);
  const auto lock = co_await locks_.lock(id);
  if (!lock) co_return Refusal(Why::too_many_waiting, id);
  if (writer_.in_doubt(id)) co_return Refusal(Why::outcome_unknown, id);
  const StoredOrder* stored = state_.store.find(id);
  if (!stored) co_return Refusal(Why::not_found, id);
  std::string tag = entity_tag(parts_.live.feed()->log_tag(), stored->last.partition, stored->last.offset);
  const http::Precondition condition = wanted.conditions.judge(tag);
  if (condition != http::Precondition::holds) {
    const bool match = condition == http::Precondition::if_match_failed;
    co_return Refusal(match ? Why::if_match_failed : Why::if_none_match_failed, id, std::move(tag));
  }
  OrderEvent event = changing(stored->order, wanted.action, wanted.fields, parts_.clock.now());
  OrderWriter::Write write(parts_.events.order_event(event, wanted.traceparent), partition_of(id));
  write.event = event;
  const auto written = co_await writer_.write(std::move(write));
  if (!written) co_return write_failed(written.error(), id);
  co_return tagged(std::move(event.order), written->tp.partition, written->offset);
}

Task<Booked<TaggedOrder>> LogOrderBook::find(std::string_view id) {
  const StoredOrder* stored = state_.store.find(id);
  if (!stored) co_return Refusal(Why::not_found, id);
  co_return tagged(stored->order, stored->last.partition, stored->last.offset);
}

/// The orders and the position are of one moment: nothing suspends between them.
Task<Booked<ListPage>> LogOrderBook::list(const ListQuery& query, const Each& each) {
  if (std::min(query.limit, state_.store.size()) > short_list_max) co_await yield();  // up to a millisecond follows
  const OrderStore::Page listed =
      state_.store.list(query.limit, query.after,
                        query.newest_first ? OrderStore::Listing::newest_first : OrderStore::Listing::oldest_first);
  if (listed.unknown_after) co_return Refusal(Why::not_found, *query.after);
  for (const StoredOrder* stored : listed.orders) each(stored->order);
  SlotOffsets next = parts_.live.feed()->next();
  for (std::size_t slot = 0; slot < next.size(); ++slot)
    if (const TopicPartition& tp = parts_.live.slots().partition(slot); tp.topic == topics::orders)
      next[slot] = view_.next_offset(tp);
  co_return ListPage(listed.more, state_.store.size(), parts_.live.feed()->event_id(next));
}

Task<std::optional<Timestamp>> LogOrderBook::first_logged(std::string_view id) {
  co_return state_.store.first_logged(id);
}

}  // namespace foodorder::order
