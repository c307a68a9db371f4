#pragma once

#include "connection.hpp"
#include "database/store.hpp"

namespace foodorder::database {

/// Writes to the tables of jobs. Each call is a part of one transaction, which its caller begins and commits.
class JobTables {
 public:
  explicit JobTables(Connection& connection) : connection_(connection) {}

  Lease lease(const LeaseRequest& request);
  void extend(const std::string& token, Timestamp until);
  void release(const std::string& token, Timestamp now);
  std::vector<bool> finish(const std::vector<JobResult>& results);
  /// False if there is no such dead job.
  bool retry(std::int64_t job, Timestamp now);

 private:
  bool finish(const JobResult& result);
  void end_exhausted(const LeaseRequest& request);

  Connection& connection_;
};

/// Reads.
std::vector<ShownJob> list_jobs(Connection& connection, std::size_t limit);
JobCounts count_jobs(Connection& connection);
Glance glance_at(Connection& connection, std::size_t jobs_of_each_state_max);

}  // namespace foodorder::database
