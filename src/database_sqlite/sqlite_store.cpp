#include "sqlite_store.hpp"

#include "base/stopwatch.hpp"
#include "figures.hpp"
#include "foodorder/base/log.hpp"
#include "log_tables.hpp"
#include "operations.hpp"
#include "schema.hpp"
#include "service_rows.hpp"

#include <fmt/format.h>
#include <filesystem>

namespace foodorder::database {

namespace {

FraudQuery fraud_query_of(std::string_view name) {
  if (name == "scan") return FraudQuery::scan;
  return name == "counted" ? FraudQuery::counted : FraudQuery::indexed;
}

class SqliteStore final : public ServiceStore, private OrderDatabase, private JobQueue, private ServiceTables {
 public:
  SqliteStore(Executor loop, Clock& clock, SqliteOptions options)
      : loop_(std::move(loop)),
        clock_(clock),
        options_(std::move(options)),
        signals_(options_.signals ? options_.signals : std::make_shared<Signals>()),
        writing_(open_for_writing(options_.file, options_.survives_power ? Durability::power : Durability::process,
                                  options_.architecture, options_.new_log_id)),
        // A database in memory has one connection.
        reading_(options_.file == ":memory:" ? nullptr : open_for_reading(options_.file)),
        log_id_(log_id_of(*writing_)),
        writer_(*writing_, fraud_query_of(options_.fraud_query)),
        write_thread_(loop_, {options_.queue_max, 256, options_.own_threads}, [this](Batch& batch) { work(batch); }),
        read_thread_(loop_, {options_.queue_max, 16, options_.own_threads}, [this](Batch& batch) { read(batch); }) {
    if (options_.pages_max > 0) writing_->database().exec(fmt::format("PRAGMA max_page_count={}", options_.pages_max));
  }

  OrderDatabase& orders() override { return *this; }
  JobQueue& jobs() override { return *this; }
  ServiceTables& services() override { return *this; }
  StoreFigures figures() const override;
  Task<Result<Glance>> glance(std::size_t jobs_of_each_state_max) override;

 private:
  // OrderDatabase
  std::optional<std::string> trouble() const override { return trouble_; }
  const std::string& log_id() const override { return log_id_; }
  void set_limits(Limits limits) override { limits_ = limits; }
  Task<Result<Placing>> place(NewOrder order) override;
  Task<Result<Changing>> change(Change change) override;
  Task<Result<std::optional<StoredOrder>>> find(std::string id) override;
  Task<Result<OrderPage>> list(Listing listing) override;
  Task<Result<json::object>> statistics(Timestamp now) override;
  Task<Result<json::object>> fraud_figures(Timestamp now, Duration window) override;
  Task<Result<Rows>> read_rows(std::int64_t from, std::size_t rows_max) override;
  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override;
  Task<Result<std::int64_t>> end() override;
  Task<Result<std::int64_t>> offset_at(Timestamp time) override;
  Task<Result<std::vector<TopicDescription>>> describe() override;
  const std::shared_ptr<Signals>& signals() const override { return signals_; }

  // JobQueue
  Task<Result<Lease>> lease(LeaseRequest request) override;
  Task<Result<void>> extend(std::string token, Timestamp until) override;
  Task<Result<void>> release(std::string token, Timestamp now) override;
  Task<Result<std::vector<bool>>> finish(std::vector<JobResult> results) override;
  Task<Result<void>> retry(std::int64_t job, Timestamp now) override;
  Task<Result<std::vector<ShownJob>>> jobs(std::size_t limit) override;
  Task<Result<JobCounts>> counts() override;

  // ServiceTables
  Task<Result<Check>> check(NewOrder order) override;
  Task<Result<bool>> log(LoggedEvent event) override;
  Task<Result<bool>> notify(OrderWrite write) override;
  Task<Result<bool>> knows_key(std::string order_id) override;
  Task<Result<std::vector<JournalRow>>> journal(std::int64_t from, std::size_t rows_max) override;
  Task<Result<std::int64_t>> told() override;
  Task<Result<void>> set_told(std::int64_t next) override;

  template <class T>
  Task<Result<T>> write(std::function<Result<T>(Tables&)> what);
  template <class T>
  Task<Result<T>> ask(std::function<Result<T>(Connection&)> what);
  /// The same for one that adds audit rows, and maybe jobs.
  template <class T>
  Task<Result<T>> append(std::function<Result<T>(Tables&)> what, bool adds_jobs);
  template <class Operation>
  Task<bool> wait_for(std::shared_ptr<Operation> operation);
  template <class T>
  void note(const Result<T>& result);

  void work(Batch& batch) { writer_.work(batch); }
  void read(Batch& batch);

  const Executor loop_;
  Clock& clock_;
  const SqliteOptions options_;
  const std::shared_ptr<Signals> signals_;
  Limits limits_;
  std::optional<std::string> trouble_;
  std::uint64_t refused_ = 0;
  std::atomic<std::uint64_t> read_micros_{0};
  std::unique_ptr<Connection> writing_;
  std::unique_ptr<Connection> reading_;
  std::string log_id_;
  Writer writer_;
  // Last: they end before what they work on.
  WorkThread write_thread_;
  WorkThread read_thread_;
};

/// False if its time is over.
template <class Operation>
Task<bool> SqliteStore::wait_for(std::shared_ptr<Operation> operation) {
  auto& answer = operation->its_answer();
  const Clock::TimerId timer = clock_.call_at(clock_.now() + limits_.outcome_timeout,
                                              [operation] { operation->its_answer().waiter.complete(Wake{}); });
  co_await park<Wake>([&](Waiter<Wake> waiter) { answer.waiter = std::move(waiter); });
  clock_.cancel(timer);
  co_return answer.answered;
}

template <class T>
void SqliteStore::note(const Result<T>& result) {
  const bool lost =
      !result && (result.error().code == Errc::unavailable || result.error().code == Errc::outcome_unknown);
  if (lost && trouble_ != result.error().message) log::error("the database: {}", result.error().message);
  if (lost) trouble_ = result.error().message;
}

template <class T>
Task<Result<T>> SqliteStore::write(std::function<Result<T>(Tables&)> what) {
  const auto operation = std::make_shared<Write<T>>(std::move(what));
  if (!write_thread_.push(operation)) {
    ++refused_;
    co_return Error(Errc::queue_full, "too many writes wait for the database");
  }
  const bool answered = co_await wait_for(operation);
  Result<T> result = Error(Errc::outcome_unknown, "the database has not answered in time");
  if (answered)
    result = std::move(*operation->its_answer().result);
  else if (operation->give_up())
    result = Error(Errc::unavailable, "the database is too slow: nothing was written");
  note(result);
  co_return result;
}

template <class T>
Task<Result<T>> SqliteStore::append(std::function<Result<T>(Tables&)> what, bool adds_jobs) {
  Result<T> result = co_await write<T>(std::move(what));
  if (!result) co_return result;
  trouble_.reset();
  ++signals_->rows;
  signals_->rows_added.notify_all();
  if (!adds_jobs) co_return result;
  ++signals_->jobs;
  signals_->jobs_added.notify_all();
  co_return result;
}

template <class T>
Task<Result<T>> SqliteStore::ask(std::function<Result<T>(Connection&)> what) {
  const auto operation = std::make_shared<Read<T>>(std::move(what));
  if (!read_thread_.push(operation)) co_return Error(Errc::queue_full, "too many reads wait for the database");
  const bool answered = co_await wait_for(operation);
  if (answered) co_return std::move(*operation->its_answer().result);
  operation->give_up();
  co_return Error(Errc::unavailable, "the database has not answered in time");
}

void SqliteStore::read(Batch& batch) {
  const Stopwatch time;
  for (const auto& operation : batch)
    if (operation->begin()) static_cast<ReadOperation&>(*operation).run(reading_ ? *reading_ : *writing_);
  read_micros_ += static_cast<std::uint64_t>(time.seconds() * 1e6);
}

StoreFigures SqliteStore::figures() const {
  StoreFigures figures;
  figures.commits = writer_.commits();
  figures.writes = writer_.writes();
  figures.refused = refused_;
  figures.write_seconds = writer_.write_seconds();
  figures.commit_seconds = writer_.commit_seconds();
  figures.read_seconds = static_cast<double>(read_micros_) / 1e6;
  figures.waiting = write_thread_.waiting();
  std::error_code none;  // a database in memory has no file
  const auto wal = std::filesystem::file_size(options_.file + "-wal", none);
  figures.wal_bytes = none ? 0 : static_cast<std::int64_t>(wal);
  return figures;
}

Task<Result<Glance>> SqliteStore::glance(std::size_t jobs_of_each_state_max) {
  std::function<Result<Glance>(Connection&)> what = [jobs_of_each_state_max](Connection& from) {
    return glance_at(from, jobs_of_each_state_max);
  };
  return ask<Glance>(std::move(what));
}

// --------------------------------------------------------------------------------------------------- orders

Task<Result<Placing>> SqliteStore::place(NewOrder order) {
  const bool adds_jobs = order.write.adds_job;
  std::function<Result<Placing>(Tables&)> what = [order = std::move(order), limits = limits_](Tables& tables) {
    return tables.orders.place(order, limits);
  };
  return append<Placing>(std::move(what), adds_jobs);
}

Task<Result<Changing>> SqliteStore::change(Change change) {
  const bool adds_jobs = change.write.adds_job;
  std::function<Result<Changing>(Tables&)> what = [change = std::move(change)](Tables& tables) {
    return tables.orders.change(change);
  };
  return append<Changing>(std::move(what), adds_jobs);
}

Task<Result<std::optional<StoredOrder>>> SqliteStore::find(std::string id) {
  std::function<Result<std::optional<StoredOrder>>(Connection&)> what = [id = std::move(id)](Connection& from) {
    return find_order(from, id);
  };
  return ask<std::optional<StoredOrder>>(std::move(what));
}

Task<Result<OrderPage>> SqliteStore::list(Listing listing) {
  std::function<Result<OrderPage>(Connection&)> what = [listing = std::move(listing)](Connection& from) {
    return list_orders(from, listing);
  };
  return ask<OrderPage>(std::move(what));
}

Task<Result<json::object>> SqliteStore::statistics(Timestamp now) {
  std::function<Result<json::object>(Connection&)> what = [now](Connection& from) {
    return database::statistics(from, now);
  };
  return ask<json::object>(std::move(what));
}

Task<Result<json::object>> SqliteStore::fraud_figures(Timestamp now, Duration window) {
  std::function<Result<json::object>(Connection&)> what = [now, window](Connection& from) {
    return database::fraud_figures(from, now, window);
  };
  return ask<json::object>(std::move(what));
}

// ------------------------------------------------------------------------------------------------ as a log

Task<Result<OrderDatabase::Rows>> SqliteStore::read_rows(std::int64_t from, std::size_t rows_max) {
  std::function<Result<Rows>(Connection&)> what = [from, rows_max](Connection& connection) {
    return database::read_rows(connection, from, rows_max);
  };
  return ask<Rows>(std::move(what));
}

Task<Result<ReadPage>> SqliteStore::read(TopicPartition partition, std::int64_t offset, ReadLimits limits) {
  std::function<Result<ReadPage>(Connection&)> what = [partition = std::move(partition), offset,
                                                       limits](Connection& connection) {
    return read_topic(connection, partition, offset, limits);
  };
  return ask<ReadPage>(std::move(what));
}

Task<Result<std::int64_t>> SqliteStore::end() {
  std::function<Result<std::int64_t>(Connection&)> what = [](Connection& from) { return end_of_log(from); };
  return ask<std::int64_t>(std::move(what));
}

Task<Result<std::int64_t>> SqliteStore::offset_at(Timestamp time) {
  std::function<Result<std::int64_t>(Connection&)> what = [time](Connection& from) {
    return database::offset_at(from, time);
  };
  return ask<std::int64_t>(std::move(what));
}

Task<Result<std::vector<TopicDescription>>> SqliteStore::describe() {
  std::function<Result<std::vector<TopicDescription>>(Connection&)> what = [](Connection& from) {
    return describe_topics(from);
  };
  return ask<std::vector<TopicDescription>>(std::move(what));
}

// ----------------------------------------------------------------------------------------------------- jobs

/// While there is trouble it writes something in any case: whether the database works again is known without an order.
Task<Result<Lease>> SqliteStore::lease(LeaseRequest request) {
  const bool probes = trouble_.has_value();
  std::function<Result<Lease>(Tables&)> what = [request = std::move(request), probes](Tables& tables) {
    if (probes) execute(tables.connection, "UPDATE counters SET n = n WHERE name = 'orders'");
    return tables.jobs.lease(request);
  };
  auto lease = co_await write<Lease>(std::move(what));
  if (lease && probes) trouble_.reset();
  co_return lease;
}

Task<Result<void>> SqliteStore::extend(std::string token, Timestamp until) {
  std::function<Result<void>(Tables&)> what = [token = std::move(token), until](Tables& tables) {
    tables.jobs.extend(token, until);
    return Result<void>();
  };
  return write<void>(std::move(what));
}

Task<Result<void>> SqliteStore::release(std::string token, Timestamp now) {
  std::function<Result<void>(Tables&)> what = [token = std::move(token), now](Tables& tables) {
    tables.jobs.release(token, now);
    return Result<void>();
  };
  return append<void>(std::move(what), true);
}

Task<Result<std::vector<bool>>> SqliteStore::finish(std::vector<JobResult> results) {
  std::function<Result<std::vector<bool>>(Tables&)> what = [results = std::move(results)](Tables& tables) {
    return tables.jobs.finish(results);
  };
  return append<std::vector<bool>>(std::move(what), false);
}

Task<Result<void>> SqliteStore::retry(std::int64_t job, Timestamp now) {
  std::function<Result<void>(Tables&)> what = [job, now](Tables& tables) -> Result<void> {
    if (!tables.jobs.retry(job, now)) return Error(Errc::not_found, fmt::format("there is no dead job {}", job));
    return {};
  };
  return append<void>(std::move(what), true);
}

Task<Result<std::vector<ShownJob>>> SqliteStore::jobs(std::size_t limit) {
  std::function<Result<std::vector<ShownJob>>(Connection&)> what = [limit](Connection& from) {
    return list_jobs(from, limit);
  };
  return ask<std::vector<ShownJob>>(std::move(what));
}

Task<Result<JobCounts>> SqliteStore::counts() {
  std::function<Result<JobCounts>(Connection&)> what = [](Connection& from) { return count_jobs(from); };
  return ask<JobCounts>(std::move(what));
}

// ------------------------------------------------------------------------------------------ of single services

Task<Result<Check>> SqliteStore::check(NewOrder order) {
  std::function<Result<Check>(Tables&)> what = [order = std::move(order)](Tables& tables) {
    return tables.orders.check(order);
  };
  return append<Check>(std::move(what), false);
}

Task<Result<bool>> SqliteStore::log(LoggedEvent event) {
  const auto what = [event = std::move(event)](Tables& tables) { return log_event(tables.connection, event); };
  return append<bool>(what, false);
}

Task<Result<bool>> SqliteStore::notify(OrderWrite write) {
  const auto what = [write = std::move(write)](Tables& tables) { return add_notification(tables.connection, write); };
  return append<bool>(what, true);
}

Task<Result<bool>> SqliteStore::knows_key(std::string order_id) {
  return ask<bool>([order_id = std::move(order_id)](Connection& from) -> Result<bool> {
    return database::knows_key(from, order_id);
  });
}

Task<Result<std::vector<JournalRow>>> SqliteStore::journal(std::int64_t from, std::size_t rows_max) {
  return ask<std::vector<JournalRow>>([from, rows_max](Connection& connection) -> Result<std::vector<JournalRow>> {
    return read_journal(connection, from, rows_max);
  });
}

Task<Result<std::int64_t>> SqliteStore::told() {
  return ask<std::int64_t>([](Connection& from) -> Result<std::int64_t> { return database::told(from); });
}

Task<Result<void>> SqliteStore::set_told(std::int64_t next) {
  return write<void>([next](Tables& tables) {
    database::set_told(tables.connection, next);
    return Result<void>();
  });
}

}  // namespace

}  // namespace foodorder::database

namespace foodorder {

std::unique_ptr<database::Store> make_sqlite_store(Executor loop, Clock& clock, SqliteOptions options) {
  return make_sqlite_service_store(std::move(loop), clock, std::move(options));
}

std::unique_ptr<database::ServiceStore> make_sqlite_service_store(Executor loop, Clock& clock, SqliteOptions options) {
  return std::make_unique<database::SqliteStore>(std::move(loop), clock, std::move(options));
}

}  // namespace foodorder
