#include "order_tables.hpp"

#include "bus/partitioner.hpp"
#include "rows.hpp"
#include "rules/order_changes.hpp"

#include <algorithm>

namespace foodorder::database {

namespace {

constexpr Duration key_kept = std::chrono::hours(24);
constexpr Duration counts_kept = std::chrono::hours(2);  // the longest window is one
constexpr std::size_t page_max_rows = 1000;

std::int64_t second_of(Timestamp time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}
Timestamp begin_of(std::int64_t second) { return Timestamp(std::chrono::seconds(second)); }

}  // namespace

Placing OrderTables::place(const NewOrder& order, const Limits& limits) {
  if (order.body_hash)
    if (auto known = known_answer(order)) return std::move(*known);
  Placing placing;
  if (number_of(connection_, "SELECT n FROM counters WHERE name = 'orders'") >= limits.orders_max) {
    placing.outcome = Placing::Outcome::full;
    return placing;
  }
  const OrderWrite& write = order.write;
  if (!order.decide) {
    insert_order(placing, order);
    if (order.note)
      insert_audit(connection_, {write.event.order.id, order_source, order.note->action, 0, write.event_id,
                                 write.trace_id, order.note->body, write.time + Duration(2)});
    if (order.body_hash) remember_key(placing, order, limits.keys_max);
    return placing;
  }
  placing.recent = count_recent(order);
  const Verdict verdict = order.decide(placing.recent);
  if (verdict.blocked) {
    placing.outcome = Placing::Outcome::blocked;
    execute(connection_, "UPDATE counters SET n = n + 1 WHERE name = 'blocked'");
  } else {
    insert_order(placing, order);
  }
  insert_audit(connection_, {write.event.order.id, fraud_source, verdict.action, 0, write.event_id, write.trace_id,
                             verdict.body, write.time + Duration(2)});
  if (!verdict.blocked && order.body_hash) remember_key(placing, order, limits.keys_max);
  return placing;
}

std::optional<Placing> OrderTables::known_answer(const NewOrder& order) {
  const std::string& id = order.write.event.order.id;
  Placing known;
  {
    Query key(connection_,
              "SELECT body_hash, answer, number, version FROM idempotency_keys WHERE order_id = ? AND at > ?", id,
              order.write.time - key_kept);
    if (key.next()) {
      known.outcome = key.text(0) == *order.body_hash ? Placing::Outcome::repeated : Placing::Outcome::key_reused;
      known.stored.order = event_of(key.text(1)).order;
      known.stored.number = key.number(2);
      known.stored.version = key.number(3);
      return known;
    }
  }
  known.outcome = Placing::Outcome::key_too_old;
  if (find_order(connection_, id)) return known;
  return {};
}

/// What was placed later than this order counts, too: a clock that was set back opens no window.
RecentOrders OrderTables::count_recent(const NewOrder& order) {
  const Timestamp after = order.write.event.timestamp - order.window;
  const std::string& customer = order.write.event.order.customer_name;
  RecentOrders recent;
  const char* const by_customer = query_ == FraudQuery::scan
                                      ? "SELECT count(*) FROM orders NOT INDEXED WHERE placed_by = ? AND created_at > ?"
                                      : "SELECT count(*) FROM orders WHERE placed_by = ? AND created_at > ?";
  recent.by_customer = 1 + number_of(connection_, by_customer, customer, after);
  recent.over_all = 1 + count_over_all(after);
  return recent;
}

std::int64_t OrderTables::count_over_all(Timestamp after) {
  if (query_ == FraudQuery::scan)
    return number_of(connection_, "SELECT count(*) FROM orders NOT INDEXED WHERE created_at > ?", after);
  if (query_ == FraudQuery::indexed)
    return number_of(connection_, "SELECT count(*) FROM orders WHERE created_at > ?", after);
  // Whole seconds by their counters, and of the second that the window begins in each order.
  const std::int64_t first_whole = second_of(after) + 1;
  return number_of(connection_, "SELECT coalesce(sum(n), 0) FROM fraud_counts WHERE second >= ?", first_whole) +
         number_of(connection_, "SELECT count(*) FROM orders WHERE created_at > ? AND created_at < ?", after,
                   begin_of(first_whole));
}

/// The audit row is the event: `orders` as a log is read from it.
std::int64_t OrderTables::insert_event(const OrderWrite& write, const std::optional<std::string>& body_hash) {
  const std::string& id = write.event.order.id;
  const std::string body = order::audit_body(write.event);
  const std::int32_t partition = partition_for_key(id, order_partitions);
  execute(connection_, "UPDATE counters SET n = n + 1 WHERE name = 'events-' || ?", partition);
  const std::int64_t version =
      insert_audit(connection_, {id, order_source, to_string(write.event.action), 0, write.event_id, write.trace_id,
                                 body, write.time + Duration(1), partition, body_hash});
  if (write.adds_job) insert_job(connection_, write);
  return version;
}

void OrderTables::insert_order(Placing& placing, const NewOrder& order) {
  const OrderEvent& event = order.write.event;
  placing.stored.order = event.order;
  placing.stored.version = insert_event(order.write, order.body_hash);
  insert_row(placing.stored);
  execute(connection_, "UPDATE counters SET n = n + 1 WHERE name = 'orders'");
  execute(connection_, "INSERT INTO fraud_counts VALUES (?, 1) ON CONFLICT(second) DO UPDATE SET n = n + 1",
          second_of(event.order.created_at));
  execute(connection_, "DELETE FROM fraud_counts WHERE second < ?", second_of(event.order.created_at - counts_kept));
}

void OrderTables::insert_row(StoredOrder& stored) {
  const Order& order = stored.order;
  execute(connection_,
          "INSERT INTO orders(id, customer, item, quantity, price_cents, status, created_at, version, placed_by, "
          "placed_item, placed_cents) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          order.id, order.customer_name, order.item, order.quantity, order.price_cents, order.status, order.created_at,
          stored.version, order.customer_name, order.item, order.total_cents());
  stored.number = connection_.database().getLastInsertRowid();
}

Check OrderTables::check(const NewOrder& order) {
  const OrderWrite& write = order.write;
  const std::string& id = write.event.order.id;
  Check check;
  {
    Query before(connection_, "SELECT blocked, action, body FROM checks WHERE event_id = ?", write.event_id);
    if (before.next()) {
      check.known = true;
      check.verdict.blocked = before.number(0) != 0;
      check.verdict.action = before.text(1);
      check.verdict.body = before.text(2);
      return check;
    }
  }
  // Of another request for it. That one may be placed yet, or be placed already by another process: its copy counts
  // until a new one takes its place.
  const std::optional<StoredOrder> before = find_order(connection_, id);
  if (before) execute(connection_, "DELETE FROM orders WHERE id = ?", id);
  check.verdict = order.decide(count_recent(order));
  const Verdict& verdict = check.verdict;
  const std::int64_t seq = insert_audit(connection_, {id, fraud_source, verdict.action, 0, write.event_id,
                                                      write.trace_id, verdict.body, write.time + Duration(2)});
  StoredOrder copy;
  copy.order = write.event.order;
  copy.version = seq;
  if (verdict.blocked) execute(connection_, "UPDATE counters SET n = n + 1 WHERE name = 'blocked'");
  if (verdict.blocked && before) copy = *before;
  if (!verdict.blocked || before) insert_row(copy);
  execute(connection_, "INSERT INTO checks VALUES (?, ?, ?, ?)", write.event_id, verdict.blocked ? 1 : 0,
          verdict.action, verdict.body);
  return check;
}

void OrderTables::remember_key(const Placing& placing, const NewOrder& order, std::int64_t keys_max) {
  execute(connection_,
          "INSERT OR REPLACE INTO idempotency_keys(order_id, body_hash, answer, number, version, at) "
          "VALUES (?, ?, ?, ?, ?, ?)",
          order.write.event.order.id, *order.body_hash, to_json(order.write.event), placing.stored.number,
          placing.stored.version, order.write.time);
  execute(connection_, "DELETE FROM idempotency_keys WHERE seq <= ?",
          connection_.database().getLastInsertRowid() - keys_max);
}

Changing OrderTables::change(const Change& change) {
  Changing changing;
  const auto stored = find_order(connection_, change.order_id);
  if (!stored) {
    changing.outcome = Changing::Outcome::not_found;
    return changing;
  }
  changing.stored = *stored;
  const auto event = change.decide(*stored);
  if (!event) {
    changing.outcome = Changing::Outcome::left;
    return changing;
  }
  OrderWrite write = change.write;
  write.event = *event;
  const Order& order = event->order;
  changing.stored.order = order;
  changing.stored.version = insert_event(write, {});
  const bool deleted = event->action == OrderAction::deleted;
  execute(
      connection_,
      "UPDATE orders SET customer = ?, item = ?, quantity = ?, price_cents = ?, status = ?, version = ?, deleted = ? "
      "WHERE seq = ?",
      order.customer_name, order.item, order.quantity, order.price_cents, order.status, changing.stored.version,
      deleted ? changing.stored.version : 0, stored->number);
  if (deleted) execute(connection_, "UPDATE counters SET n = n - 1 WHERE name = 'orders'");
  return changing;
}

std::optional<StoredOrder> find_order(Connection& connection, const std::string& id) {
  Query query(connection,
              "SELECT seq, id, customer, item, quantity, price_cents, status, created_at, version FROM orders "
              "WHERE id = ? AND deleted = 0",
              id);
  return query.next() ? std::optional(order_of(query)) : std::nullopt;
}

OrderPage list_orders(Connection& connection, const Listing& listing) {
  OrderPage page;
  page.total = number_of(connection, "SELECT n FROM counters WHERE name = 'orders'");
  page.end = number_of(connection, "SELECT max(seq) FROM audit") + 1;
  std::int64_t from = listing.newest_first ? INT64_MAX : 0;
  if (listing.after) {
    from = number_of(connection, "SELECT max(seq) FROM orders WHERE id = ?", *listing.after);
    page.unknown_after = from == 0;
    if (page.unknown_after) return page;
  }
  const std::size_t limit = std::min(listing.limit, page_max_rows);
  Query query(connection,
              listing.newest_first
                  ? "SELECT seq, id, customer, item, quantity, price_cents, status, created_at, version FROM orders "
                    "WHERE deleted = 0 AND seq < ? ORDER BY seq DESC LIMIT ?"
                  : "SELECT seq, id, customer, item, quantity, price_cents, status, created_at, version FROM orders "
                    "WHERE deleted = 0 AND seq > ? ORDER BY seq LIMIT ?",
              from, limit + 1);
  while (query.next() && page.orders.size() <= limit) page.orders.push_back(order_of(query));
  page.more = page.orders.size() > limit;
  if (page.more) page.orders.pop_back();
  return page;
}

}  // namespace foodorder::database
