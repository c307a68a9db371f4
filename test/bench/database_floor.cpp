// The least that the monolith's work takes: a loop that commits the same transactions, without HTTP, without another
// thread; and files of some age.
//   database_floor orders FILE process|power BATCH SECONDS  orders a second: BATCH in one commit, then their jobs
//   database_floor place FILE process|power QUERY BATCH SECONDS  the same without the jobs
//   database_floor sync FILE SECONDS      median seconds of an fdatasync of 4 KB, 50 a second
//   database_floor fill FILE ORDERS       makes a file of so many orders, all of them notified
//   database_floor history FILE ORDERS    makes a file whose table has so many orders, 100 a second until now
#include "bare_worker.hpp"
#include "database_sqlite/order_tables.hpp"
#include "database_sqlite/schema.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"

#include <SQLiteCpp/Transaction.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace foodorder;
using namespace foodorder::database;
using Instant = std::chrono::steady_clock::time_point;

constexpr std::int64_t customers = 5'000;
constexpr std::int64_t orders_a_second = 100;

double seconds_since(Instant begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Durability durability_of(std::string_view name) { return name == "power" ? Durability::power : Durability::process; }

FraudQuery query_of(std::string_view name) {
  if (name == "scan") return FraudQuery::scan;
  return name == "counted" ? FraudQuery::counted : FraudQuery::indexed;
}

/// One thread over one file.
class Loop {
 public:
  Loop(const std::string& file, Durability durability, FraudQuery query)
      : connection_(open_for_writing(file, durability, "monolith", "0123456789abcdef")),
        orders_(*connection_, query),
        worker_(*connection_, *clock_, *ids_) {}

  void place(std::size_t count) {
    commit([&] {
      for (std::size_t i = 0; i < count; ++i) orders_.place(order(), limits_);
    });
    placed_ += static_cast<std::int64_t>(count);
  }

  /// What the workers do with as many jobs.
  void work(std::size_t count) {
    std::vector<JobResult> results;
    commit([&] { results = worker_.lease(count); });
    commit([&] { worker_.finish(results); });
  }

  [[nodiscard]] std::int64_t placed() const noexcept { return placed_; }
  SQLite::Database& database() { return connection_->database(); }
  Clock& clock() { return *clock_; }

 private:
  template <class Work>
  void commit(const Work& work) {
    SQLite::Transaction transaction(connection_->database(), SQLite::TransactionBehavior::IMMEDIATE);
    work();
    transaction.commit();
  }

  NewOrder order() {
    NewOrder order;
    OrderEvent& event = order.write.event;
    event.order.id = ids_->uuid();
    event.order.customer_name = fmt::format("Customer {}", (placed_ + next_++) % customers);
    event.order.item = "Margherita";
    event.order.quantity = 2;
    event.order.price_cents = 1'250;
    event.order.status = "created";
    event.timestamp = event.order.created_at = clock_->now();
    order.write.event_id = ids_->uuid();
    order.write.trace_id = ids_->hex(32);
    for (int time = 0; time < times_per_write; ++time) order.write.time = clock_->stamp();
    order.window = std::chrono::minutes(1);
    order.decide = [id = event.order.id](const RecentOrders& recent) {
      Verdict verdict;
      verdict.action = "FRAUD_CHECK_PASSED";
      verdict.body = JsonObject()
                         .add("source", "fraud-service")
                         .add("action", verdict.action)
                         .add("orderId", id)
                         .add("customerOrdersInWindow", recent.by_customer)
                         .add("globalOrdersInWindow", recent.over_all)
                         .take();
      return verdict;
    };
    return order;
  }

  asio::io_context context_;
  std::unique_ptr<Clock> clock_ = make_system_clock(context_.get_executor());
  std::unique_ptr<IdSource> ids_ = make_system_ids();
  std::unique_ptr<Connection> connection_;
  OrderTables orders_;
  bench::BareWorker worker_;
  Limits limits_ = [] {
    Limits limits;
    limits.orders_max = 1'000'000'000;
    return limits;
  }();
  std::int64_t placed_ = 0;
  std::int64_t next_ = 0;
};

double rate(Loop& loop, std::size_t batch, double seconds, bool with_jobs) {
  const Instant begin = std::chrono::steady_clock::now();
  while (seconds_since(begin) < seconds) {
    loop.place(batch);
    if (with_jobs) loop.work(batch);
  }
  return static_cast<double>(loop.placed()) / seconds_since(begin);
}

double sync_seconds(const std::string& file, double seconds) {
  const int opened = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (opened < 0) throw std::runtime_error("cannot open " + file);
  const std::string page(4'096, 'x');
  std::vector<double> times;
  const Instant begin = std::chrono::steady_clock::now();
  while (seconds_since(begin) < seconds) {
    const Instant before = std::chrono::steady_clock::now();
    if (::write(opened, page.data(), page.size()) < 0 || ::fdatasync(opened) != 0) throw std::runtime_error("no sync");
    times.push_back(seconds_since(before));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  ::close(opened);
  ::unlink(file.c_str());
  std::ranges::nth_element(times, times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2));
  return times[times.size() / 2];
}

void fill(Loop& loop, std::int64_t count) {
  while (loop.placed() < count) {
    loop.place(50);
    loop.work(50);
  }
}

/// Only the tables that the fraud check reads; by SQL, because a week has 60 million rows.
void make_history(Loop& loop, std::int64_t count) {
  SQLite::Database& database = loop.database();
  database.exec(
      "PRAGMA synchronous=OFF; PRAGMA cache_size=-500000; DROP INDEX orders_by_time; DROP INDEX orders_by_customer");
  const std::int64_t now = loop.clock().now().time_since_epoch().count();
  const std::int64_t step = 1'000'000 / orders_a_second;
  database.exec(fmt::format(
      "INSERT INTO orders(id, customer, item, quantity, price_cents, status, created_at, version, placed_by, "
      "placed_item, "
      "placed_cents) SELECT printf('%08x-0000-4000-8000-000000000000', value), 'Customer ' || (value % {}), "
      "'Margherita', "
      "2, 1250, 'created', {} - ({} - value) * {}, value, 'Customer ' || (value % {}), 'Margherita', 2500 FROM "
      "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < {}) SELECT value FROM n)",
      customers, now, count, step, customers, count));
  database.exec(
      "CREATE INDEX orders_by_time ON orders(created_at); CREATE INDEX orders_by_customer ON orders(placed_by, "
      "created_at);"
      "INSERT INTO fraud_counts SELECT created_at / 1000000, count(*) FROM orders GROUP BY 1; "
      "DELETE FROM fraud_counts WHERE second < (SELECT max(second) FROM fraud_counts) - 7200; "
      "PRAGMA wal_checkpoint(TRUNCATE)");
}

int run(const std::vector<std::string>& words) {
  const std::string& what = words.at(1);
  const std::string& file = words.at(2);
  if (what == "sync") {
    fmt::print("{:.9g}\n", sync_seconds(file, std::stod(words.at(3))));
  } else if (what == "orders") {
    Loop loop(file, durability_of(words.at(3)), FraudQuery::indexed);
    fmt::print("{:.9g}\n", rate(loop, std::stoul(words.at(4)), std::stod(words.at(5)), true));
  } else if (what == "place") {
    Loop loop(file, durability_of(words.at(3)), query_of(words.at(4)));
    fmt::print("{:.9g}\n", rate(loop, std::stoul(words.at(5)), std::stod(words.at(6)), false));
  } else {
    Loop loop(file, Durability::process, FraudQuery::indexed);
    const std::int64_t count = std::stoll(words.at(3));
    if (what == "fill")
      fill(loop, count);
    else
      make_history(loop, count);
  }
  return EXIT_SUCCESS;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    return run({arguments, arguments + count});
  } catch (const std::exception& error) {
    fmt::print(stderr, "database_floor: {}\n", error.what());
    return EXIT_FAILURE;
  }
}
