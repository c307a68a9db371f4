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

/// The tables of orders and the queue of jobs, in one database.
class Store {
 public:
  virtual ~Store() = default;

  [[nodiscard]] virtual OrderDatabase& orders() = 0;
  [[nodiscard]] virtual JobQueue& jobs() = 0;
  [[nodiscard]] virtual StoreFigures figures() const = 0;
};

}  // namespace foodorder::database
