#include "monolith.hpp"
#include "shown_jobs.hpp"

namespace foodorder {

namespace monolith {

json::array to_json(const std::vector<database::ShownJob>& jobs) {
  json::array out;
  for (const database::ShownJob& job : jobs) {
    json::object shown{{"id", job.id},
                       {"orderId", job.order_id},
                       {"state", job.state},
                       {"retryCount", job.retry_count},
                       {"deliveries", job.deliveries},
                       {"runAt", to_iso_millis(job.run_at).view()}};
    if (!job.worker.empty()) shown["worker"] = job.worker;
    if (!job.reason.empty()) shown["reason"] = job.reason;
    if (job.leased_until) shown["leasedUntil"] = to_iso_millis(*job.leased_until).view();
    out.push_back(std::move(shown));
  }
  return out;
}

}  // namespace monolith

namespace {

constexpr std::size_t shown_jobs_max = 12;  // of each state

json::object transactions(const database::StoreFigures& figures) {
  return {{"commits", figures.commits},
          {"writes", figures.writes},
          {"refused", figures.refused},
          {"waiting", figures.waiting},
          {"writeSeconds", figures.write_seconds},
          {"commitSeconds", figures.commit_seconds}};
}

}  // namespace

Task<json::object> monolith_snapshot(database::Store& store) {
  const database::StoreFigures figures = store.figures();
  json::object snapshot{{"transactions", transactions(figures)}, {"walBytes", figures.wal_bytes}};
  const auto glance = co_await store.glance(shown_jobs_max);
  if (!glance) co_return snapshot;
  json::object rows;
  rows["orders"] = glance->orders;
  rows["audit"] = glance->audit;
  rows["jobs"] = glance->jobs.ready + glance->jobs.leased;
  rows["dead_jobs"] = glance->jobs.dead;
  rows["idempotency_keys"] = glance->keys;
  snapshot["rows"] = std::move(rows);
  snapshot["blocked"] = glance->blocked;
  snapshot["ready"] = glance->jobs.ready;
  snapshot["leased"] = glance->jobs.leased;
  snapshot["jobs"] = monolith::to_json(glance->shown);
  co_return snapshot;
}

}  // namespace foodorder
