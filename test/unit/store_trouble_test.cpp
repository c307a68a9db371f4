#include "store_world.hpp"

#include <SQLiteCpp/Database.h>
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>
#include <boost/asio/detached.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <set>

using namespace foodorder;
using namespace foodorder::database;
using foodorder::test::Folder;
using foodorder::test::refusal;
using foodorder::test::StoreWorld;

namespace {

void run_sql(const std::string& file, const std::string& sql) {
  SQLite::Database(file, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE).exec(sql);
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

/// Places orders as fast as it can and writes the number of each that is acknowledged to `out`. Never returns.
[[noreturn]] void place_for_ever(const std::string& file, int out) {
  asio::io_context loop(1);
  const auto clock = make_system_clock(loop.get_executor());
  SqliteOptions options;
  options.file = file;
  options.new_log_id = "log-1";
  const auto store = make_sqlite_store(loop.get_executor(), *clock, std::move(options));
  int next = 0;
  const std::function<void()> place = [&] {
    const int number = next++;
    NewOrder order;
    OrderEvent& event = order.write.event;
    event.order =
        Order{fmt::format("order-{}-{}", ::getpid(), number), "Ada", "Pizza", 1, 100, "created", clock->now()};
    event.timestamp = event.order.created_at;
    order.write.event_id = "event of " + event.order.id;
    order.write.trace_id = std::string(32, 'a');
    for (int time = 0; time < times_per_write; ++time) order.write.time = clock->stamp();
    order.window = std::chrono::minutes(1);
    order.decide = [event](const RecentOrders& recent) { return StoreWorld::judge(event, recent, 1'000'000); };
    asio::co_spawn(loop, store->orders().place(std::move(order)),
                   [&, number](std::exception_ptr, Result<Placing> placed) {
                     if (placed && ::write(out, &number, sizeof number) != sizeof number) ::_exit(1);
                     place();
                   });
  };
  for (int client = 0; client < 8; ++client) place();
  loop.run();
  ::_exit(1);
}

/// The numbers that a child acknowledged before it was killed.
std::set<int> acknowledged_until_killed(const std::string& file, std::size_t count, pid_t& child) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  child = ::fork();
  if (child == 0) place_for_ever(file, ends[1]);
  ::close(ends[1]);
  std::set<int> numbers;
  for (int number = 0; ::read(ends[0], &number, sizeof number) == sizeof number;) {
    numbers.insert(number);
    if (numbers.size() == count) ::kill(child, SIGKILL);
  }
  ::close(ends[0]);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  return numbers;
}

}  // namespace

TEST_CASE("a file is made with its folder, and opened again with all that is in it") {
  const Folder folder;
  const std::string file = folder.path("data/orders.db");
  {
    StoreWorld world(file);
    CHECK(world.place("Ada").outcome == Placing::Outcome::placed);
  }
  StoreWorld again(file);
  CHECK(again.get(again.orders().list(Listing())).total == 1);
  CHECK(again.orders().log_id() == "log-1");
  CHECK(again.job_counts().ready == 1);
}

TEST_CASE("a file of the first version is opened, with all that is in it") {
  const Folder folder;
  const std::string file = folder.path("orders.db");
  std::filesystem::copy_file(FOODORDER_TEST_DATA "/first_version.db", file);
  StoreWorld world(file);
  CHECK(world.orders().log_id() == "783776a8296a118b");
  CHECK(world.get(world.orders().list(Listing())).total == 1);
  CHECK(world.job_counts().dead == 3);
  CHECK(world.get(world.orders().end()) == 15);
  NewOrder again = world.new_order("Ada", "6a573945-02b2-544a-8f86-203a38489276");
  again.body_hash = "another body's";
  again.write.time = Timestamp(std::chrono::sys_days(std::chrono::November / 29 / 2026));
  CHECK(world.try_place(std::move(again))->outcome == Placing::Outcome::key_reused);
  CHECK(world.place("Ben").outcome == Placing::Outcome::placed);
  CHECK(world.get(world.orders().end()) == 17);
}

TEST_CASE("a start that cannot have its file says in one line why") {
  const Folder folder;
  CHECK(contains(refusal(folder.path("no/such/orders.db")), "has no folder"));
  CHECK(contains(refusal(folder.path("")), "cannot be"));
  std::ofstream(folder.path("text.db")) << std::string(5'000, 'x');
  CHECK(contains(refusal(folder.path("text.db")), "is damaged, or no SQLite file"));
  run_sql(folder.path("other.db"), "CREATE TABLE theirs(a)");
  CHECK(contains(refusal(folder.path("other.db")), "belongs to another program"));
  CHECK(refusal(folder.path("ours.db")).empty());
  CHECK(contains(refusal(folder.path("ours.db"), "rest"), "was made by --architecture=monolith, not rest"));
  run_sql(folder.path("ours.db"), "PRAGMA user_version=99");
  CHECK(contains(refusal(folder.path("ours.db")), "was made by a newer foodorder: its schema is 99"));
}

TEST_CASE("a damaged file is refused at start") {
  const Folder folder;
  const std::string file = folder.path("orders.db");
  CHECK(refusal(file).empty());
  std::fstream bytes(file, std::ios::in | std::ios::out | std::ios::binary);
  bytes.seekp(100);
  bytes << std::string(3'000, '\xff');
  bytes.close();
  CHECK(contains(refusal(file), "is damaged"));
}

TEST_CASE("a full disk refuses writes with the reason, and reads go on") {
  const Folder folder;
  StoreWorld world(folder.path("orders.db"), "indexed", 40);
  world.limit = 1'000'000;
  std::int64_t placed = 0;
  std::optional<Error> refused;
  while (!refused && placed < 10'000) {
    const auto result = world.try_place(world.new_order("Ada"));
    if (result)
      ++placed;
    else
      refused = result.error();
  }
  REQUIRE(refused.has_value());
  CHECK(refused->code == Errc::unavailable);
  CHECK(refused->message == "the disk is full");
  CHECK(world.orders().trouble() == "the disk is full");
  CHECK(world.get(world.orders().list(Listing())).total == placed);
  CHECK(world.records().size() <= 4 * static_cast<std::size_t>(placed));
}

TEST_CASE("a start with 100,000 jobs that wait gives out the oldest, to each worker others") {
  const Folder folder;
  const std::string file = folder.path("orders.db");
  {
    StoreWorld(file).place("Ada");
  }
  run_sql(
      file,
      "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) INSERT INTO jobs(order_id, "
      "event_id, trace_id, payload, run_at, retry_count, deliveries) SELECT 'order-' || i, 'event-' || i, trace_id, "
      "payload, run_at, 0, 0 FROM n, (SELECT trace_id, payload, run_at FROM jobs)");
  StoreWorld world(file);
  CHECK(world.job_counts().ready == 100'000);
  std::set<std::int64_t> leased;
  for (int worker = 1; worker <= 16; ++worker)
    for (const Job& job : world.lease("notification-" + std::to_string(worker)).jobs) leased.insert(job.id);
  CHECK(leased.size() == 800);
  CHECK(*leased.rbegin() == 800);
  CHECK(world.get(world.store->jobs().jobs(1'000)).size() == 1'000);
  NewOrder another = world.new_order("Ben", "another");
  another.write.event_id = "another event";
  CHECK(world.try_place(std::move(another))->outcome == Placing::Outcome::placed);
}

TEST_CASE("a queue that is full refuses more, and writes none of them") {
  StoreWorld world;
  world.limit = 1'000'000;
  std::size_t refused = 0;
  std::size_t placed = 0;
  for (int i = 0; i < 5'000; ++i)
    asio::co_spawn(world.loop.context, world.orders().place(world.new_order("Ada")),
                   [&](std::exception_ptr, const Result<Placing>& result) {
                     if (result)
                       ++placed;
                     else if (result.error().code == Errc::queue_full)
                       ++refused;
                   });
  world.loop.run_ready();
  CHECK(placed == 4'096);
  CHECK(refused == 904);
  CHECK(world.get(world.orders().list(Listing())).total == 4'096);
  CHECK(world.store->figures().commits == 16);
}

TEST_CASE("what is acknowledged survives kill -9, whole and once") {
  const Folder folder;
  const std::string file = folder.path("orders.db");
  std::size_t acknowledged = 0;
  for (std::size_t run = 1; run <= 5; ++run) {
    pid_t child = 0;
    const std::set<int> numbers = acknowledged_until_killed(file, 100 * run, child);
    acknowledged += numbers.size();
    StoreWorld world(file);
    for (const int number : numbers)
      CHECK(world.get(world.orders().find(fmt::format("order-{}-{}", child, number))).has_value());
    const auto total = world.get(world.orders().list(Listing())).total;
    CHECK(total >= static_cast<std::int64_t>(acknowledged));
    // Nothing is half done: as many jobs and twice as many audit rows as orders.
    CHECK(world.job_counts().ready == total);
    CHECK(world.get(world.orders().end()) - 1 == 2 * total);
  }
}
