#pragma once

#include "foodorder/base/result.hpp"
#include "foodorder/base/task.hpp"
#include "foodorder/domain/order.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// The notifications to be sent, as a table. A worker leases jobs for a time, and finishes them under the lease's token.
// A lease that ran out is given to another; then a finish under the old token is refused.

namespace foodorder::database {

struct Job {
  std::int64_t id = 0;
  std::string order_id;
  std::string event_id;
  std::string trace_id;
  OrderEvent event;
  std::int64_t retry_count = 0;
  std::int64_t deliveries = 0;  ///< how often it was leased, this time included
};

/// What a worker asks for.
struct LeaseRequest {
  LeaseRequest() = default;

  std::string worker;
  std::string token;  ///< nobody else's: it names this lease
  std::size_t jobs_max = 50;
  Duration lease{};
  Timestamp now{};
  /// A job that was leased so often and has no result becomes a dead job.
  std::int64_t deliveries_max = 5;
};

struct Lease {
  std::vector<Job> jobs;
  /// When the next job is due that none of these is; none if nothing waits.
  std::optional<Timestamp> next_due;
};

/// What became of one delivery. Its audit row is written in the same transaction.
struct JobResult {
  enum class Next { done, retry, dead };

  std::int64_t job = 0;
  std::string token;
  Next next = Next::done;
  std::string action;  ///< of the audit row: NOTIFIED, RETRY, DLQ, DROPPED
  std::string body;
  std::int64_t retry_count = 0;  ///< that the audit row tells of; of a retry the new one
  Timestamp time{};              ///< and one microsecond later are this result's alone
  Timestamp run_at{};            ///< of a retry
  std::string reason;            ///< of a dead job
  std::string letter;            ///< of a dead job: its body on `orders-dlq`
};

/// As `GET /api/jobs` shows it.
struct ShownJob {
  std::int64_t id = 0;
  std::string order_id;
  std::string state;  ///< "ready", "leased", "dead"
  std::int64_t retry_count = 0;
  std::int64_t deliveries = 0;
  Timestamp run_at{};
  std::string worker;                     ///< of a leased or a dead one
  std::string reason;                     ///< of a dead one
  std::optional<Timestamp> leased_until;  ///< of a leased one
};

struct JobCounts {
  std::int64_t ready = 0;
  std::int64_t leased = 0;
  std::int64_t dead = 0;
};

/// Errors are those of OrderDatabase.
class JobQueue {
 public:
  virtual ~JobQueue() = default;

  /// Jobs that are due, the oldest first. Of one order, a first delivery is not given out while an earlier one is
  /// leased.
  virtual Task<Result<Lease>> lease(LeaseRequest request) = 0;
  /// The leases under that token last until `until`.
  virtual Task<Result<void>> extend(std::string token, Timestamp until) = 0;
  /// Gives back what is leased under that token and not finished: it is due at once, and was not delivered.
  virtual Task<Result<void>> release(std::string token, Timestamp now) = 0;
  /// For each whether it was taken; false: its lease is lost, and nothing was written of it.
  virtual Task<Result<std::vector<bool>>> finish(std::vector<JobResult> results) = 0;

  /// A dead job becomes a job again, due now. Errors: not_found.
  virtual Task<Result<void>> retry(std::int64_t job, Timestamp now) = 0;
  /// The newest, dead ones first, then leased, then ready.
  virtual Task<Result<std::vector<ShownJob>>> jobs(std::size_t limit) = 0;
  virtual Task<Result<JobCounts>> counts() = 0;
};

}  // namespace foodorder::database
