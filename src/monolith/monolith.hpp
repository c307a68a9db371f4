#pragma once

#include "database/store.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/http/http.hpp"
#include "foodorder/runtime/module.hpp"

#include <memory>
#include <span>
#include <vector>

namespace foodorder {

/// The kinds of modules of the monolith, over a store that outlives their instances: the same names, settings and
/// reports as in `kinds`, those of the events architecture, whose defaults are in force where no instance is.
std::vector<ModuleKind> monolith_kinds(database::Store& store, std::span<const ModuleKind> kinds);

/// GET /api/jobs, POST /api/jobs/{id}/retry.
std::vector<http::Route> job_routes(database::Store& store, Clock& clock);

/// What the page draws beside the log: {transactions, walBytes, rows, blocked, ready, leased, jobs}; without the rows
/// while the database does not answer.
Task<json::object> monolith_snapshot(database::Store& store);

/// What /metrics shows of the store.
class StoreMetrics {
 public:
  StoreMetrics(prometheus::Registry& registry, database::Store& store);
  ~StoreMetrics();
  StoreMetrics(const StoreMetrics&) = delete;
  StoreMetrics& operator=(const StoreMetrics&) = delete;

  /// Sets them to what is now.
  Task<> update();

 private:
  struct Gauges;

  database::Store& store_;
  std::unique_ptr<Gauges> gauges_;
};

}  // namespace foodorder
