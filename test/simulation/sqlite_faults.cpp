#include "sqlite_faults.hpp"

#include <fmt/format.h>
#include <sqlite3.h>
#include <stdexcept>

namespace foodorder::simulation {

namespace {

constexpr int steps_between = 200;

sqlite3* last_opened = nullptr;

int note_opened(sqlite3* handle, const char**, const sqlite3_api_routines*) {
  last_opened = handle;
  return SQLITE_OK;
}

SqliteFaults& faults_of(sqlite3_context* context) { return *static_cast<SqliteFaults*>(sqlite3_user_data(context)); }

// SQLite wants a function of no type here, and calls it with those arguments.
using AnyFunction = void (*)();

}  // namespace

SqliteFaults::SqliteFaults(std::uint64_t seed, const std::function<void()>& open) : random_(seed) {
  const auto on_open = reinterpret_cast<AnyFunction>(note_opened);
  sqlite3_auto_extension(on_open);
  open();
  sqlite3_cancel_auto_extension(on_open);
  handle_ = std::exchange(last_opened, nullptr);
  sqlite3_commit_hook(
      handle_,
      [](void* self) {
        auto& faults = *static_cast<SqliteFaults*>(self);
        return !faults.muted_ && faults.random_.chance(faults.chances_.fail_commit) ? 1 : 0;
      },
      this);
  sqlite3_progress_handler(
      handle_, steps_between,
      [](void* self) {
        auto& faults = *static_cast<SqliteFaults*>(self);
        return !faults.muted_ && faults.random_.chance(faults.chances_.interrupt) ? 1 : 0;
      },
      this);
  refuse_rows();
}

/// The schema can refuse a row; here it is chance that does.
void SqliteFaults::refuse_rows() {
  sqlite3_create_function(
      handle_, "refused_by_chance", 0, SQLITE_UTF8, this,
      [](sqlite3_context* context, int, sqlite3_value**) {
        SqliteFaults& faults = faults_of(context);
        const bool refused = !faults.muted_ && faults.random_.chance(faults.chances_.refuse_row);
        sqlite3_result_int(context, refused ? 1 : 0);
      },
      nullptr, nullptr);
  for (const char* table : {"jobs", "dead_jobs", "idempotency_keys"})
    run(
        fmt::format("CREATE TEMP TRIGGER refuse_{0} BEFORE INSERT ON main.{0} WHEN refused_by_chance() "
                    "BEGIN SELECT RAISE(ABORT, 'refused by chance'); END",
                    table));
}

SqliteFaults::~SqliteFaults() {
  sqlite3_commit_hook(handle_, nullptr, nullptr);
  sqlite3_progress_handler(handle_, 0, nullptr, nullptr);
}

void SqliteFaults::fill_disk(bool full) {
  run(fmt::format("PRAGMA max_page_count={}", full ? number("PRAGMA page_count") : 1'000'000'000));
}

void SqliteFaults::watch_leases(std::function<std::int64_t()> now, std::function<void(std::string)> stolen) {
  now_ = std::move(now);
  stolen_ = std::move(stolen);
  sqlite3_create_function(
      handle_, "simulated_now", 0, SQLITE_UTF8, this,
      [](sqlite3_context* context, int, sqlite3_value**) { sqlite3_result_int64(context, faults_of(context).now_()); },
      nullptr, nullptr);
  sqlite3_create_function(
      handle_, "lease_stolen", 1, SQLITE_UTF8, this,
      [](sqlite3_context* context, int, sqlite3_value** what) {
        faults_of(context).stolen_(reinterpret_cast<const char*>(sqlite3_value_text(what[0])));
      },
      nullptr, nullptr);
  run("CREATE TEMP TRIGGER watch_leases AFTER UPDATE OF lease_token ON main.jobs WHEN OLD.lease_token <> "
      "NEW.lease_token AND OLD.leased_until > simulated_now() BEGIN SELECT lease_stolen('job ' || OLD.id || ' of ' || "
      "OLD.worker || ' is given to ' || NEW.worker); END");
}

std::uint64_t SqliteFaults::changes() const { return static_cast<std::uint64_t>(sqlite3_total_changes(handle_)); }

std::int64_t SqliteFaults::number(const std::string& sql) const {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(handle_, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    throw std::logic_error(sqlite3_errmsg(handle_));
  const std::int64_t found = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
  sqlite3_finalize(statement);
  return found;
}

void SqliteFaults::run(const std::string& sql) const {
  if (sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
    throw std::logic_error(sqlite3_errmsg(handle_));
}

}  // namespace foodorder::simulation
