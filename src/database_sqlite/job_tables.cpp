#include "job_tables.hpp"

#include "rows.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace foodorder::database {

namespace {

// Times that lie so far ahead were written by a clock that has been set back since: they count as past.
constexpr Duration ahead_max = std::chrono::minutes(20);

/// A row of `jobs`, as the queries below have its columns.
Job job_of(const Query& query) {
  Job job;
  job.id = query.number(0);
  job.order_id = query.text(1);
  job.event_id = query.text(2);
  job.trace_id = query.text(3);
  job.event = event_of(query.text(4));
  job.retry_count = query.number(5);
  job.deliveries = query.number(6) + 1;
  return job;
}

// The jobs that a worker may take: first those whose lease has run out, then those that nobody has. A first delivery
// waits for the earlier events of its order, whatever the clock was when they came; a retry waits for none. A job that
// must wait is left out here: where few are taken at a time, it would keep the worker from all others.
constexpr std::array<const char*, 2> due_jobs = {
    "SELECT id, order_id, event_id, trace_id, payload, retry_count, deliveries FROM jobs WHERE lease_token IS NOT NULL "
    "AND (leased_until <= ? OR leased_until > ?) AND (retry_count > 0 OR NOT EXISTS ("
    "SELECT 1 FROM jobs AS e WHERE e.order_id = jobs.order_id AND e.id < jobs.id AND e.retry_count = 0)) "
    "ORDER BY id LIMIT ?",
    "SELECT id, order_id, event_id, trace_id, payload, retry_count, deliveries FROM jobs WHERE lease_token IS NULL "
    "AND (run_at <= ? OR run_at > ?) AND (retry_count > 0 OR NOT EXISTS ("
    "SELECT 1 FROM jobs AS e WHERE e.order_id = jobs.order_id AND e.id < jobs.id AND e.retry_count = 0)) "
    "ORDER BY run_at, id LIMIT ?"};

std::optional<Timestamp> next_due(Connection& connection, Timestamp now) {
  Query query(connection,
              "SELECT min(due) FROM (SELECT min(run_at) AS due FROM jobs WHERE lease_token IS NULL AND run_at > ? "
              "UNION ALL SELECT min(leased_until) FROM jobs WHERE lease_token IS NOT NULL AND leased_until > ?)",
              now, now);
  if (!query.next() || query.is_null(0)) return {};
  return query.time(0);
}

}  // namespace

Lease JobTables::lease(const LeaseRequest& request) {
  end_exhausted(request);
  std::vector<Job> due;
  const Timestamp ahead = request.now + ahead_max;
  for (const char* const sql : due_jobs) {
    Query query(connection_, sql, request.now, ahead, request.jobs_max - due.size());
    while (due.size() < request.jobs_max && query.next()) due.push_back(job_of(query));
  }
  Lease lease;
  for (Job& job : due) {
    // It may be what ended its worker: given out alone, it takes no other along.
    const bool suspect = job.deliveries > 1;
    if (suspect && !lease.jobs.empty()) continue;
    execute(connection_, "UPDATE jobs SET worker = ?, lease_token = ?, leased_until = ?, deliveries = ? WHERE id = ?",
            request.worker, request.token, request.now + request.lease, job.deliveries, job.id);
    lease.jobs.push_back(std::move(job));
    if (suspect) break;
  }
  lease.next_due = next_due(connection_, request.now);
  return lease;
}

/// Jobs that were given out often enough: each time their worker was gone before it could tell.
void JobTables::end_exhausted(const LeaseRequest& request) {
  std::vector<Job> exhausted;
  {
    Query query(
        connection_,
        "SELECT id, order_id, event_id, trace_id, payload, retry_count, deliveries FROM jobs WHERE lease_token IS "
        "NOT NULL AND leased_until <= ? AND deliveries >= ? LIMIT ?",
        request.now, request.deliveries_max, request.jobs_max);
    while (query.next()) exhausted.push_back(job_of(query));
  }
  for (const Job& job : exhausted) {
    JobResult result;
    result.job = job.id;
    result.next = JobResult::Next::dead;
    result.action = "DLQ";
    result.retry_count = job.retry_count;
    result.reason = fmt::format("{} deliveries without a result", job.deliveries - 1);
    const auto head = [&](JsonObject& body) {
      return body.add("reason", result.reason).add("instanceId", request.worker).add("timestamp", request.now).take();
    };
    JsonObject letter;
    letter.add("action", to_string(job.event.action)).add_object("order", [&](JsonObject& inner) {
      add_members(inner, job.event.order);
    });
    JsonObject body;
    body.add("source", notification_source)
        .add("action", result.action)
        .add("orderId", job.order_id)
        .add("retryCount", job.retry_count);
    result.letter = head(letter);
    result.body = head(body);
    // Whoever held it last may still live; it is refused as for any lost lease.
    execute(connection_, "UPDATE jobs SET lease_token = ?, deliveries = ? WHERE id = ?", request.token,
            job.deliveries - 1, job.id);
    result.token = request.token;
    result.time = request.now;
    finish(result);
  }
}

void JobTables::extend(const std::string& token, Timestamp until) {
  execute(connection_, "UPDATE jobs SET leased_until = ? WHERE lease_token = ?", until, token);
}

void JobTables::release(const std::string& token, Timestamp now) {
  execute(
      connection_,
      "UPDATE jobs SET lease_token = NULL, worker = NULL, leased_until = NULL, deliveries = max(deliveries - 1, 0), "
      "run_at = min(run_at, ?) WHERE lease_token = ?",
      now, token);
}

std::vector<bool> JobTables::finish(const std::vector<JobResult>& results) {
  std::vector<bool> taken;
  for (const JobResult& result : results) taken.push_back(finish(result));
  return taken;
}

bool JobTables::finish(const JobResult& result) {
  std::int64_t seq = 0;
  {
    Query job(connection_, "SELECT order_id, event_id, trace_id, placed_at FROM jobs WHERE id = ? AND lease_token = ?",
              result.job, result.token);
    if (!job.next()) return false;
    const std::string order_id = job.text(0);
    const std::string event_id = job.text(1);
    const std::string trace_id = job.text(2);
    AuditRow row{order_id, notification_source, result.action, result.retry_count, event_id,
                 trace_id, result.body,         result.time};
    // A worker's clock may be behind that of the order.
    if (result.action == "NOTIFIED" && !job.is_null(3))
      row.elapsed = std::max<std::int64_t>((result.time - job.time(3)).count(), 0);
    seq = insert_audit(connection_, row);
  }
  switch (result.next) {
    case JobResult::Next::retry:
      execute(connection_,
              "UPDATE jobs SET retry_count = ?, run_at = ?, deliveries = 0, worker = NULL, lease_token = NULL, "
              "leased_until = NULL WHERE id = ?",
              result.retry_count, result.run_at, result.job);
      return true;
    case JobResult::Next::dead:
      execute(
          connection_,
          "INSERT INTO dead_jobs(seq, job, order_id, event_id, trace_id, payload, retry_count, deliveries, worker, "
          "reason, body, at, placed_at) SELECT ?, id, order_id, event_id, trace_id, payload, retry_count, deliveries, "
          "worker, ?, ?, ?, placed_at FROM jobs WHERE id = ?",
          seq, result.reason, result.letter, result.time + Duration(1), result.job);
      break;
    case JobResult::Next::done:
      break;
  }
  execute(connection_, "DELETE FROM jobs WHERE id = ?", result.job);
  return true;
}

/// The same event again, from its first delivery on.
bool JobTables::retry(std::int64_t job, Timestamp now) {
  const int inserted = execute(
      connection_,
      "INSERT INTO jobs(order_id, event_id, trace_id, payload, run_at, retry_count, deliveries, placed_at) SELECT "
      "order_id, event_id, trace_id, payload, ?, 0, 0, placed_at FROM dead_jobs WHERE job = ? AND retried = 0",
      now, job);
  if (inserted == 0) return false;
  execute(connection_, "UPDATE dead_jobs SET retried = 1 WHERE job = ?", job);
  return true;
}

namespace {

// Of each state.
constexpr std::array<const char*, 3> shown_jobs = {
    "SELECT job, order_id, 'dead', retry_count, deliveries, at, worker, reason, NULL FROM dead_jobs WHERE retried = 0 "
    "ORDER BY seq DESC LIMIT ?",
    "SELECT id, order_id, 'leased', retry_count, deliveries, run_at, worker, '', leased_until FROM jobs WHERE "
    "lease_token IS NOT NULL ORDER BY leased_until, id LIMIT ?",
    "SELECT id, order_id, 'ready', retry_count, deliveries, run_at, '', '', NULL FROM jobs WHERE lease_token IS NULL "
    "ORDER BY run_at, id LIMIT ?"};

void add_jobs(Connection& connection, const char* sql, std::size_t limit, std::vector<ShownJob>& jobs) {
  Query query(connection, sql, limit);
  while (query.next()) {
    ShownJob& job = jobs.emplace_back();
    job.id = query.number(0);
    job.order_id = query.text(1);
    job.state = query.text(2);
    job.retry_count = query.number(3);
    job.deliveries = query.number(4);
    job.run_at = query.time(5);
    job.worker = query.text(6);
    job.reason = query.text(7);
    if (!query.is_null(8)) job.leased_until = query.time(8);
  }
}

}  // namespace

std::vector<ShownJob> list_jobs(Connection& connection, std::size_t limit) {
  std::vector<ShownJob> jobs;
  for (const char* const sql : shown_jobs) add_jobs(connection, sql, limit - jobs.size(), jobs);
  return jobs;
}

Glance glance_at(Connection& connection, std::size_t jobs_of_each_state_max) {
  Glance glance;
  glance.orders = number_of(connection, "SELECT n FROM counters WHERE name = 'orders'");
  glance.audit = number_of(connection, "SELECT max(seq) FROM audit");
  glance.keys = number_of(connection, "SELECT count(*) FROM idempotency_keys");
  glance.blocked = number_of(connection, "SELECT n FROM counters WHERE name = 'blocked'");
  glance.jobs = count_jobs(connection);
  for (const char* const sql : shown_jobs) add_jobs(connection, sql, jobs_of_each_state_max, glance.shown);
  return glance;
}

JobCounts count_jobs(Connection& connection) {
  JobCounts counts;
  counts.ready = number_of(connection, "SELECT count(*) FROM jobs WHERE lease_token IS NULL");
  counts.leased = number_of(connection, "SELECT count(*) FROM jobs WHERE lease_token IS NOT NULL");
  counts.dead = number_of(connection, "SELECT count(*) FROM dead_jobs WHERE retried = 0");
  return counts;
}

}  // namespace foodorder::database
