#include "rows.hpp"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

namespace foodorder::database {

std::int64_t insert_audit(Connection& connection, const AuditRow& row) {
  execute(
      connection,
      "INSERT INTO audit(order_id, source, action, retry_count, cause_id, trace_id, body, at, partition, body_hash, "
      "elapsed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      row.order_id, row.source, row.action, row.retry_count, row.cause_id, row.trace_id, row.body, row.at,
      row.partition, row.body_hash, row.elapsed);
  return connection.database().getLastInsertRowid();
}

void insert_job(Connection& connection, const OrderWrite& write) {
  execute(connection,
          "INSERT INTO jobs(order_id, event_id, trace_id, payload, run_at, retry_count, deliveries, placed_at) "
          "VALUES (?, ?, ?, ?, ?, 0, 0, ?)",
          write.event.order.id, write.event_id, write.trace_id, to_json(write.event), write.event.timestamp,
          write.event.action == OrderAction::created ? std::optional(write.time) : std::nullopt);
}

StoredOrder order_of(const Query& query) {
  StoredOrder stored;
  stored.number = query.number(0);
  stored.order.id = query.text(1);
  stored.order.customer_name = query.text(2);
  stored.order.item = query.text(3);
  stored.order.quantity = query.number(4);
  stored.order.price_cents = query.number(5);
  stored.order.status = query.text(6);
  stored.order.created_at = query.time(7);
  stored.version = query.number(8);
  return stored;
}

OrderEvent event_of(const std::string& payload) {
  auto event = parse_order_event(payload);
  if (!event)
    throw SQLite::Exception("an order event in the tables cannot be read: " + event.error().message, SQLITE_CORRUPT);
  return std::move(*event);
}

}  // namespace foodorder::database
