#pragma once

#include "connection.hpp"
#include "foodorder/base/result.hpp"
#include "job_tables.hpp"
#include "order_tables.hpp"
#include "work_thread.hpp"

#include <SQLiteCpp/Exception.h>
#include <atomic>

namespace foodorder::database {

/// What writes work on.
struct Tables {
  Tables(Connection& to, FraudQuery query) : connection(to), orders(to, query), jobs(to) {}

  Connection& connection;
  OrderTables orders;
  JobTables jobs;
};

/// A write: a part of a transaction that others may share.
class WriteOperation : public Operation {
 public:
  /// On the thread. May throw SQLite::Exception; then nothing of it is written.
  virtual void run(Tables& tables) = 0;
  /// On the thread: its outcome, whatever run() gave.
  virtual void fail(Error error) = 0;
};

/// Commits what waits, all in one transaction, with a savepoint each: one that fails takes no other along.
class Writer {
 public:
  Writer(Connection& connection, FraudQuery query) : tables_(connection, query) {}

  void work(Batch& batch);

  // Of any thread.
  [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }
  [[nodiscard]] std::uint64_t writes() const noexcept { return writes_; }
  [[nodiscard]] double write_seconds() const noexcept { return static_cast<double>(write_micros_) / 1e6; }
  [[nodiscard]] double commit_seconds() const noexcept { return static_cast<double>(commit_micros_) / 1e6; }

 private:
  std::optional<Error> write(WriteOperation& operation);
  std::optional<Error> commit();
  void roll_back();

  Tables tables_;
  std::atomic<std::uint64_t> commits_{0};
  std::atomic<std::uint64_t> writes_{0};
  std::atomic<std::uint64_t> write_micros_{0};
  std::atomic<std::uint64_t> commit_micros_{0};
};

/// What SQLite's error means to who asked: nothing was written.
Error error_of(const SQLite::Exception& error);

}  // namespace foodorder::database
