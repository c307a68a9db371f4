#include "service_rows.hpp"

#include "rows.hpp"
#include "rules/messages.hpp"

#include <algorithm>

namespace foodorder::database {

namespace {

constexpr std::size_t page_max_rows = 1000;

/// False if it was received before.
bool receive(Connection& connection, const std::string& id) {
  return execute(connection, "INSERT OR IGNORE INTO received VALUES (?)", id) > 0;
}

}  // namespace

bool log_event(Connection& connection, const LoggedEvent& event) {
  if (!receive(connection, event.id)) return false;
  insert_audit(connection, {event.order_id, event.source, event.action, event.retry_count, event.cause_id,
                            event.trace_id, event.body, event.at});
  return true;
}

bool add_notification(Connection& connection, const OrderWrite& write) {
  if (!receive(connection, write.event_id)) return false;
  insert_job(connection, write);
  return true;
}

/// One that is late takes nothing back.
void set_told(Connection& connection, std::int64_t next) {
  execute(connection, "UPDATE counters SET n = max(n, ?) WHERE name = 'told'", next);
}

std::vector<JournalRow> read_journal(Connection& connection, std::int64_t from, std::size_t rows_max) {
  std::vector<JournalRow> rows;
  Query query(connection,
              "SELECT seq, order_id, partition, source, action, retry_count, cause_id, trace_id, body, at FROM audit "
              "WHERE seq >= ? ORDER BY seq LIMIT ?",
              from, std::min(rows_max, page_max_rows));
  while (query.next()) {
    JournalRow& row = rows.emplace_back();
    row.seq = query.number(0);
    LoggedEvent& logged = row.logged;
    logged.order_id = query.text(1);
    logged.source = query.text(3);
    logged.action = query.text(4);
    logged.retry_count = query.number(5);
    logged.cause_id = query.text(6);
    logged.trace_id = query.text(7);
    logged.body = query.text(8);
    logged.at = query.time(9);
    logged.id = derived_id(logged.cause_id, logged.source, logged.action, logged.retry_count);
    if (!query.is_null(2)) row.event = event_of(logged.body);
  }
  return rows;
}

bool knows_key(Connection& connection, const std::string& order_id) {
  return number_of(connection, "SELECT count(*) FROM idempotency_keys WHERE order_id = ?", order_id) > 0;
}

std::int64_t told(Connection& connection) {
  return number_of(connection, "SELECT n FROM counters WHERE name = 'told'");
}

}  // namespace foodorder::database
