#pragma once

#include "job_queue.hpp"
#include "order_database.hpp"

#include <functional>

namespace foodorder::database {

/// What a database has done since it was opened.
struct StoreFigures {
  std::uint64_t commits = 0;
  std::uint64_t writes = 0;   ///< they shared the commits
  std::uint64_t refused = 0;  ///< writes whose queue was full
  double write_seconds = 0;   ///< in the statements of writes
  double commit_seconds = 0;
  double read_seconds = 0;
  std::size_t waiting = 0;  ///< writes, now
  std::int64_t wal_bytes = 0;
};

/// How many rows the tables have at one moment, and what stands at the head of the queue.
struct Glance {
  std::int64_t orders = 0;  ///< that live
  std::int64_t audit = 0;
  std::int64_t keys = 0;     ///< Idempotency-Keys that are remembered
  std::int64_t blocked = 0;  ///< orders that were refused
  JobCounts jobs;
  std::vector<ShownJob> shown;  ///< some of each state: the newest dead ones, the next of the others
};

/// The tables of orders and the queue of jobs, in one database.
class Store {
 public:
  virtual ~Store() = default;

  [[nodiscard]] virtual OrderDatabase& orders() = 0;
  [[nodiscard]] virtual JobQueue& jobs() = 0;
  [[nodiscard]] virtual StoreFigures figures() const = 0;
  virtual Task<Result<Glance>> glance(std::size_t jobs_of_each_state_max) = 0;
};

}  // namespace foodorder::database
