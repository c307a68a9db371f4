#include "writer.hpp"

#include "base/stopwatch.hpp"

#include <fmt/format.h>
#include <sqlite3.h>

namespace foodorder::database {

namespace {

std::uint64_t micros(const Stopwatch& since) { return static_cast<std::uint64_t>(since.seconds() * 1e6); }

std::string reason_of(const SQLite::Exception& error) {
  switch (error.getErrorCode()) {
    case SQLITE_FULL:
      return "the disk is full";
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return "another process holds the database";
    case SQLITE_READONLY:
      return "the database has become read-only";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return "the database file is damaged";
    default:
      return error.what();
  }
}

}  // namespace

Error error_of(const SQLite::Exception& error) {
  // A row that the schema refuses is the caller's fault, not the database's.
  const bool refused = error.getErrorCode() == SQLITE_CONSTRAINT;
  return Error(refused ? Errc::invalid_argument : Errc::unavailable, reason_of(error));
}

void Writer::work(Batch& batch) {
  std::vector<WriteOperation*> begun;
  for (const auto& operation : batch)
    if (operation->begin()) begun.push_back(static_cast<WriteOperation*>(operation.get()));
  if (begun.empty()) return;
  std::vector<WriteOperation*> written;
  std::optional<Error> failed;
  try {
    const Stopwatch time;
    tables_.connection.database().exec("BEGIN IMMEDIATE");
    for (WriteOperation* operation : begun) {
      const std::optional<Error> own = write(*operation);
      if (own)
        operation->fail(*own);
      else
        written.push_back(operation);
      // Some errors end the whole transaction: what was written of it before is gone.
      if (tables_.connection.in_autocommit()) {
        failed = own;
        break;
      }
    }
    write_micros_ += micros(time);
    if (!failed) failed = commit();
  } catch (const SQLite::Exception& error) {
    failed = error_of(error);
  }
  if (!failed) {
    ++commits_;
    writes_ += written.size();
    return;
  }
  roll_back();
  for (WriteOperation* operation : begun) operation->fail(*failed);
}

/// Errors: its own; the others go on.
std::optional<Error> Writer::write(WriteOperation& operation) {
  Connection& connection = tables_.connection;
  execute(connection, "SAVEPOINT one");
  try {
    operation.run(tables_);
    execute(connection, "RELEASE one");
    return {};
  } catch (const SQLite::Exception& error) {
    if (!connection.in_autocommit()) connection.database().exec("ROLLBACK TO one; RELEASE one");
    return error_of(error);
  }
}

/// A disk that is full or a lock is met before anything is durable. After another error the log may hold the commit:
/// nobody knows, until the file is opened again.
std::optional<Error> Writer::commit() {
  const Stopwatch time;
  const int code = tables_.connection.database().tryExec("COMMIT");
  commit_micros_ += micros(time);
  if (code == SQLITE_OK) return {};
  const SQLite::Exception error(tables_.connection.database().getHandle(), code);
  const int primary = code & 0xff;
  if (primary == SQLITE_FULL || primary == SQLITE_BUSY) return error_of(error);
  return Error(Errc::outcome_unknown, fmt::format("the commit failed: {}", reason_of(error)));
}

void Writer::roll_back() {
  if (!tables_.connection.in_autocommit()) tables_.connection.database().tryExec("ROLLBACK");
}

}  // namespace foodorder::database
