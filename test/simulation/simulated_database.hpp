#pragma once

#include "database_sqlite/sqlite_store.hpp"
#include "plan.hpp"
#include "run_task.hpp"
#include "sqlite_faults.hpp"
#include "trace.hpp"

#include <memory>
#include <string>
#include <vector>

namespace foodorder::simulation {

/// One of the program's databases, in memory, with its own SQL. It is an actor: what would be its threads is a handler.
class SimulatedDatabase {
 public:
  struct Parts {
    Scheduler& scheduler;
    Scheduler::Actor actor;
    Scheduler::Actor own_actor;  ///< of who asks, past all faults
    Clock& clock;
    Trace& trace;
    std::string name;  ///< in the trace
    std::uint64_t seed;
    SqliteOptions options;
  };

  explicit SimulatedDatabase(Parts parts);

  [[nodiscard]] const std::string& name() const noexcept { return parts_.name; }
  [[nodiscard]] database::ServiceStore& store() const noexcept { return *store_; }
  [[nodiscard]] SqliteFaults& sqlite() noexcept { return sqlite_; }
  [[nodiscard]] const SqliteFaults& sqlite() const noexcept { return sqlite_; }

  void set_faulty(const TableFaults& faults);
  /// For that time its disk is full, or it does nothing at all.
  void trouble(bool disk_full, Duration until_later);
  void end_trouble();
  [[nodiscard]] bool troubled() const noexcept { return troubled_; }

  /// All rows that have come since the last call; what waits for the database is done meanwhile.
  std::vector<ConsumerRecord> read_on();
  /// Behind what read_on() has given.
  [[nodiscard]] std::int64_t next_row() const noexcept { return next_; }

  /// Nothing fails meanwhile, and what waits for the database is done first.
  template <class T>
  T result_of(Task<T> task) {
    sqlite_.mute(true);
    T result = run_task(parts_.scheduler, parts_.own_actor, parts_.actor, std::move(task));
    sqlite_.mute(false);
    return result;
  }

 private:
  Parts parts_;
  std::unique_ptr<database::ServiceStore> store_;
  SqliteFaults sqlite_;
  std::int64_t next_ = 1;
  bool troubled_ = false;
};

/// An operator starts a dead job again; false if there is none.
bool retry_dead_job(SimulatedDatabase& database, Trace& trace, Timestamp now);
/// No job is left to be worked on.
bool is_idle(SimulatedDatabase& database);

}  // namespace foodorder::simulation
