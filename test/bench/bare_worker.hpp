#pragma once

#include "database_sqlite/job_tables.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace foodorder::bench {

/// What a worker does with jobs, by the program's own statements: each of them is notified at once. Its caller has a
/// transaction open.
class BareWorker {
 public:
  BareWorker(database::Connection& connection, Clock& clock, IdSource& ids)
      : clock_(clock), ids_(ids), jobs_(connection) {}

  /// Takes up to `jobs_max` jobs; gives what finish() wants.
  std::vector<database::JobResult> lease(std::size_t jobs_max);
  void finish(const std::vector<database::JobResult>& results) { jobs_.finish(results); }

 private:
  database::JobResult notified(const database::Job& job, const std::string& token);

  Clock& clock_;
  IdSource& ids_;
  database::JobTables jobs_;
};

}  // namespace foodorder::bench
