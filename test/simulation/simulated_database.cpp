#include "simulated_database.hpp"

namespace foodorder::simulation {

namespace {

constexpr std::size_t rows_max = 1'000;

Task<bool> retry_first(database::JobQueue& jobs, Timestamp now) {
  const auto shown = co_await jobs.jobs(1);
  if (!shown || shown->empty() || shown->front().state != "dead") co_return false;
  const auto retried = co_await jobs.retry(shown->front().id, now);
  co_return retried.has_value();
}

}  // namespace

SimulatedDatabase::SimulatedDatabase(Parts parts)
    : parts_(std::move(parts)), sqlite_(parts_.seed, [this] {
        SqliteOptions options = parts_.options;
        options.file = ":memory:";
        options.own_threads = false;
        store_ = make_sqlite_service_store(parts_.scheduler.executor(parts_.actor), parts_.clock, std::move(options));
      }) {}

void SimulatedDatabase::set_faulty(const TableFaults& faults) {
  sqlite_.set(SqliteFaults::Chances{faults.fail_commit, faults.interrupt, faults.bad_row});
}

void SimulatedDatabase::trouble(bool disk_full, Duration until_later) {
  troubled_ = true;
  if (disk_full) {
    parts_.trace(parts_.name, "the disk is full for {} ms", until_later.count() / 1'000);
    sqlite_.fill_disk(true);
  } else {
    parts_.trace(parts_.name, "does nothing for {} ms", until_later.count() / 1'000);
    parts_.scheduler.hold(parts_.actor, true);
  }
  parts_.clock.call_at(parts_.clock.now() + until_later, [this] { end_trouble(); });
}

void SimulatedDatabase::end_trouble() {
  if (!std::exchange(troubled_, false)) return;
  sqlite_.fill_disk(false);
  parts_.scheduler.hold(parts_.actor, false);
}

std::vector<ConsumerRecord> SimulatedDatabase::read_on() {
  std::vector<ConsumerRecord> records;
  for (;;) {
    const std::uint64_t known = sqlite_.changes();
    auto rows = result_of(store_->orders().read_rows(next_, rows_max)).value();
    records.insert(records.end(), rows.records.begin(), rows.records.end());
    if (rows.next <= next_ && known == sqlite_.changes()) return records;
    next_ = rows.next;
  }
}

bool retry_dead_job(SimulatedDatabase& database, Trace& trace, Timestamp now) {
  const bool retried = database.result_of(retry_first(database.store().jobs(), now));
  if (retried) trace("operator", "starts a dead job again");
  return retried;
}

bool is_idle(SimulatedDatabase& database) {
  const database::JobCounts counts = database.result_of(database.store().jobs().counts()).value();
  return counts.ready + counts.leased == 0;
}

}  // namespace foodorder::simulation
