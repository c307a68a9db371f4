#include "foodorder/runtime/metrics.hpp"
#include "monolith.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace foodorder {

struct StoreMetrics::Gauges {
  explicit Gauges(prometheus::Registry& registry)
      : commits(registry, "foodorder_database_commits_total", "Transactions committed"),
        writes(registry, "foodorder_database_writes_total", "Writes, which share commits"),
        refused(registry, "foodorder_database_writes_refused_total", "Writes refused because the queue was full"),
        seconds(registry, "foodorder_database_seconds_total", "Time in the statements of writes, in commits and reads"),
        waiting(registry, "foodorder_database_writes_waiting", "Writes that wait for the database"),
        wal(registry, "foodorder_database_wal_bytes", "Size of the write-ahead log"),
        jobs(registry, "foodorder_jobs", "Jobs by state") {}

  Series<prometheus::Counter> commits;
  Series<prometheus::Counter> writes;
  Series<prometheus::Counter> refused;
  Series<prometheus::Counter> seconds;
  Series<prometheus::Gauge> waiting;
  Series<prometheus::Gauge> wal;
  Series<prometheus::Gauge> jobs;
};

StoreMetrics::StoreMetrics(prometheus::Registry& registry, database::Store& store)
    : store_(store), gauges_(std::make_unique<Gauges>(registry)) {}
StoreMetrics::~StoreMetrics() = default;

Task<> StoreMetrics::update() {
  const database::StoreFigures figures = store_.figures();
  gauges_->commits.set({}, static_cast<double>(figures.commits));
  gauges_->writes.set({}, static_cast<double>(figures.writes));
  gauges_->refused.set({}, static_cast<double>(figures.refused));
  gauges_->seconds.set({{"in", "write"}}, figures.write_seconds);
  gauges_->seconds.set({{"in", "commit"}}, figures.commit_seconds);
  gauges_->seconds.set({{"in", "read"}}, figures.read_seconds);
  gauges_->waiting.set({}, static_cast<double>(figures.waiting));
  gauges_->wal.set({}, static_cast<double>(figures.wal_bytes));
  const auto counts = co_await store_.jobs().counts();
  if (!counts) co_return;
  gauges_->jobs.set({{"state", "ready"}}, static_cast<double>(counts->ready));
  gauges_->jobs.set({{"state", "leased"}}, static_cast<double>(counts->leased));
  gauges_->jobs.set({{"state", "dead"}}, static_cast<double>(counts->dead));
}

}  // namespace foodorder
