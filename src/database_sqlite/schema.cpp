#include "schema.hpp"

#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Transaction.h>
#include <fmt/format.h>
#include <sqlite3.h>
#include <array>
#include <cctype>
#include <filesystem>
#include <stdexcept>

namespace foodorder::database {

namespace {

// "food" in ASCII: PRAGMA application_id tells whose file it is.
constexpr std::int64_t application_id = 0x666F6F64;

/// Each brings the schema from its own number to the next. What has been released is never changed.
constexpr std::array<const char*, schema_version> migrations = {R"sql(
CREATE TABLE meta(
  one INTEGER PRIMARY KEY CHECK (one = 1), log_id TEXT NOT NULL, architecture TEXT NOT NULL) STRICT;
-- Deleted orders stay, because the fraud rule counts what was placed: `deleted` is 0, or the version of the deletion.
-- What was placed is counted, whatever the order was changed to: placed_by, placed_item and placed_cents stay.
CREATE TABLE orders(
  seq INTEGER PRIMARY KEY, id TEXT NOT NULL, customer TEXT NOT NULL, item TEXT NOT NULL, quantity INTEGER NOT NULL,
  price_cents INTEGER NOT NULL, status TEXT NOT NULL, created_at INTEGER NOT NULL, version INTEGER NOT NULL,
  placed_by TEXT NOT NULL, placed_item TEXT NOT NULL, placed_cents INTEGER NOT NULL, deleted INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE UNIQUE INDEX orders_by_id ON orders(id, deleted);
CREATE INDEX orders_by_time ON orders(created_at);
CREATE INDEX orders_by_customer ON orders(placed_by, created_at);
-- Only ever appended. Events of orders have a partition, by the order's id. `elapsed`: from an order to NOTIFIED.
CREATE TABLE audit(
  seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL, partition INTEGER, source TEXT NOT NULL, action TEXT NOT NULL,
  retry_count INTEGER NOT NULL, cause_id TEXT NOT NULL, trace_id TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL,
  body_hash TEXT, elapsed INTEGER) STRICT;
CREATE INDEX audit_events ON audit(partition, seq) WHERE partition IS NOT NULL;
CREATE INDEX audit_by_time ON audit(at);
CREATE INDEX audit_by_action ON audit(action);
CREATE INDEX audit_elapsed ON audit(elapsed) WHERE elapsed IS NOT NULL;
-- Finished jobs are deleted: audit tells what became of them.
CREATE TABLE jobs(
  id INTEGER PRIMARY KEY AUTOINCREMENT, order_id TEXT NOT NULL, event_id TEXT NOT NULL UNIQUE, trace_id TEXT NOT NULL,
  payload TEXT NOT NULL, run_at INTEGER NOT NULL, retry_count INTEGER NOT NULL, deliveries INTEGER NOT NULL,
  placed_at INTEGER, worker TEXT, lease_token TEXT, leased_until INTEGER) STRICT;
CREATE INDEX jobs_ready ON jobs(run_at, id) WHERE lease_token IS NULL;
CREATE INDEX jobs_leased ON jobs(leased_until, id) WHERE lease_token IS NOT NULL;
CREATE INDEX jobs_by_token ON jobs(lease_token) WHERE lease_token IS NOT NULL;
CREATE INDEX jobs_by_order ON jobs(order_id, id);
-- seq is that of its audit row, DLQ.
CREATE TABLE dead_jobs(
  seq INTEGER PRIMARY KEY, job INTEGER NOT NULL UNIQUE, order_id TEXT NOT NULL, event_id TEXT NOT NULL,
  trace_id TEXT NOT NULL, payload TEXT NOT NULL, retry_count INTEGER NOT NULL, deliveries INTEGER NOT NULL,
  worker TEXT NOT NULL, reason TEXT NOT NULL, body TEXT NOT NULL, at INTEGER NOT NULL, retried INTEGER NOT NULL DEFAULT 0)
  STRICT;
CREATE INDEX dead_jobs_open ON dead_jobs(seq) WHERE retried = 0;
CREATE TABLE idempotency_keys(
  seq INTEGER PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, body_hash TEXT NOT NULL, answer TEXT NOT NULL,
  number INTEGER NOT NULL, version INTEGER NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE TABLE fraud_counts(second INTEGER PRIMARY KEY, n INTEGER NOT NULL) STRICT;
CREATE TABLE counters(name TEXT PRIMARY KEY, n INTEGER NOT NULL) STRICT;
-- 'orders': those that live; 'events-N': events of orders in partition N.
INSERT INTO counters VALUES ('orders', 0), ('blocked', 0), ('events-0', 0), ('events-1', 0), ('events-2', 0);
)sql",
                                                                R"sql(
-- Ids of what other services have sent: what comes twice is done once.
CREATE TABLE received(id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
-- The verdict on each event that was checked for another service.
CREATE TABLE checks(
  event_id TEXT PRIMARY KEY, blocked INTEGER NOT NULL, action TEXT NOT NULL, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
-- The first audit row that the audit service has not taken yet.
INSERT INTO counters VALUES ('told', 1);
)sql",
                                                                R"sql(
-- As the job had it, which may be started again.
ALTER TABLE dead_jobs ADD COLUMN placed_at INTEGER;
)sql"};

std::runtime_error refusal(const std::string& file, const std::string& what) {
  return std::runtime_error(fmt::format("--database: {} {}", file, what));
}

/// What SQLite says, in the words of who runs the program.
std::string words_for(const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_NOTADB:
    case SQLITE_CORRUPT:
      return "is damaged, or no SQLite file; put it aside or restore a copy";
    case SQLITE_READONLY:
      return "cannot be written: the file or its folder is read-only";
    case SQLITE_FULL:
      return "cannot grow: the disk is full";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "is in use by another program";
    case SQLITE_CANTOPEN:
      return "cannot be opened: the folder, or the permission to use it, is missing";
    default:
      return fmt::format("cannot be used: {}", error.what());
  }
}

bool is_in_memory(const std::string& file) { return file == ":memory:"; }

void make_folder(const std::string& file) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  std::error_code failed;
  if (folder.empty() || std::filesystem::is_directory(folder, failed)) return;
  // One level: a path that was mistyped makes no tree.
  if (!std::filesystem::create_directory(folder, failed))
    throw refusal(file, fmt::format("has no folder: {} is not there{}", folder.string(),
                                    failed ? fmt::format(" and cannot be made: {}", failed.message()) : ""));
}

std::int64_t pragma(Connection& connection, const char* statement) {
  return connection.database().execAndGet(statement).getInt64();
}

/// A file that is there already: is it ours, and do we know it?
void check_owner(Connection& connection, const std::string& file, std::string_view architecture) {
  const std::int64_t owner = pragma(connection, "PRAGMA application_id");
  const std::int64_t version = pragma(connection, "PRAGMA user_version");
  const bool is_new = pragma(connection, "SELECT count(*) FROM sqlite_master") == 0;
  if (is_new) return;
  if (owner != application_id) throw refusal(file, "belongs to another program; name another file");
  if (version > schema_version)
    throw refusal(file, fmt::format("was made by a newer foodorder: its schema is {}, this program knows up to {}",
                                    version, schema_version));
  const std::string made_by = connection.database().execAndGet("SELECT architecture FROM meta").getString();
  if (made_by != architecture)
    throw refusal(file, fmt::format("was made by --architecture={}, not {}; name another file", made_by, architecture));
}

void use_wal(Connection& connection, const std::string& file, Durability durability) {
  const std::string mode = connection.database().execAndGet("PRAGMA journal_mode=WAL").getString();
  if (mode != "wal" && !is_in_memory(file))
    throw refusal(
        file,
        fmt::format("is on a file system that refuses write-ahead logging (it offers {}); use a local disk", mode));
  connection.database().exec(durability == Durability::power ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL");
}

void migrate(Connection& connection, std::string_view architecture, std::string_view new_log_id) {
  SQLite::Database& database = connection.database();
  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  const std::int64_t version = pragma(connection, "PRAGMA user_version");
  for (auto next = static_cast<std::size_t>(version); next < migrations.size(); ++next) database.exec(migrations[next]);
  if (version == 0) {
    Query(connection, "INSERT INTO meta VALUES (1, ?, ?)", new_log_id, architecture).run();
    database.exec(fmt::format("PRAGMA application_id={}", application_id));
  }
  database.exec(fmt::format("PRAGMA user_version={}", schema_version));
  transaction.commit();
}

}  // namespace

std::unique_ptr<Connection> open_for_writing(const std::string& file, Durability durability,
                                             std::string_view architecture, std::string_view new_log_id) {
  if (!is_in_memory(file)) make_folder(file);
  try {
    auto connection = std::make_unique<Connection>(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
    check_owner(*connection, file, architecture);
    use_wal(*connection, file, durability);
    migrate(*connection, architecture, new_log_id);
    return connection;
  } catch (const SQLite::Exception& error) {
    throw refusal(file, words_for(error));
  }
}

std::unique_ptr<Connection> open_for_reading(const std::string& file) {
  try {
    return std::make_unique<Connection>(file, SQLite::OPEN_READONLY);
  } catch (const SQLite::Exception& error) {
    throw refusal(file, words_for(error));
  }
}

std::string log_id_of(Connection& connection) {
  return connection.database().execAndGet("SELECT log_id FROM meta").getString();
}

}  // namespace foodorder::database
