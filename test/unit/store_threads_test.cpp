#include "store_world.hpp"

#include <fmt/format.h>
#include <boost/asio/detached.hpp>

// The store with its two threads: what they and the loop share they share in the queue alone. The thread sanitizer
// runs this, too.

using namespace foodorder;
using namespace foodorder::database;
using foodorder::test::Folder;
using foodorder::test::StoreWorld;

namespace {

class ThreadedWorld {
 public:
  explicit ThreadedWorld(const std::string& file, std::size_t queue_max = 4'096) {
    SqliteOptions options;
    options.file = file;
    options.new_log_id = "log-1";
    options.queue_max = queue_max;
    store = make_sqlite_store(loop.get_executor(), *clock, std::move(options));
  }

  NewOrder new_order() {
    NewOrder order;
    const int number = ++last_;
    OrderEvent& event = order.write.event;
    event.order = Order{fmt::format("order-{}", number), "Ada", "Pizza", 1, 100, "created", clock->now()};
    event.timestamp = event.order.created_at;
    order.write.event_id = fmt::format("event-{}", number);
    order.write.trace_id = std::string(32, 'a');
    for (int time = 0; time < times_per_write; ++time) order.write.time = clock->stamp();
    order.window = std::chrono::minutes(1);
    order.decide = [event](const RecentOrders& recent) { return StoreWorld::judge(event, recent, 1'000'000); };
    return order;
  }

  void start(Task<> task) { asio::co_spawn(loop, std::move(task), asio::detached); }

  Task<> place(int count) {
    for (int i = 0; i < count; ++i) {
      NewOrder order = new_order();
      const auto placed = co_await store->orders().place(std::move(order));
      if (placed) ++acknowledged;
    }
  }

  Task<> read_until(std::int64_t rows) {
    std::int64_t next = 0;
    while (next <= rows) {
      const auto read = co_await store->orders().read_rows(next, 100);
      if (!read) co_return;
      next = read->next;
    }
    read_to = next;
  }

  /// Leases and finishes until so many jobs are done.
  Task<> work(std::string worker, int jobs) {
    for (int lease = 0; done < jobs; ++lease) {
      LeaseRequest request;
      request.worker = worker;
      request.token = fmt::format("{} {}", worker, lease);
      request.jobs_max = 7;
      request.lease = std::chrono::minutes(1);
      request.now = clock->now();
      const std::string token = request.token;
      const auto leased = co_await store->jobs().lease(std::move(request));
      if (!leased) co_return;
      std::vector<JobResult> results;
      for (const Job& job : leased->jobs) {
        JobResult& result = results.emplace_back();
        result.job = job.id;
        result.token = token;
        result.action = "NOTIFIED";
        result.body = "{}";
        result.time = clock->stamp();
      }
      const auto taken = co_await store->jobs().finish(std::move(results));
      if (!taken) co_return;
      done += static_cast<int>(std::count(taken->begin(), taken->end(), true));
    }
  }

  asio::io_context loop{1};
  std::unique_ptr<Clock> clock = make_system_clock(loop.get_executor());
  std::unique_ptr<Store> store;
  int acknowledged = 0;
  int done = 0;
  std::int64_t read_to = 0;

 private:
  int last_ = 0;
};

}  // namespace

TEST_CASE("clients, workers and readers work on the store's threads at the same time") {
  const Folder folder;
  ThreadedWorld world(folder.path("orders.db"));
  constexpr int orders = 400;
  for (int client = 0; client < 8; ++client) world.start(world.place(orders / 8));
  for (const char* worker : {"worker-1", "worker-2", "worker-2"})
    world.start(world.work(worker, orders));  // two of one id
  for (int reader = 0; reader < 2; ++reader) world.start(world.read_until(3 * orders));
  world.loop.run();
  CHECK(world.acknowledged == orders);
  CHECK(world.done == orders);
  CHECK(world.read_to == 3 * orders + 1);
  CHECK(world.store->figures().writes >= static_cast<std::uint64_t>(orders));
}

TEST_CASE("a store that goes while writes wait finishes what it is at and drops the rest") {
  const Folder folder;
  const std::string file = folder.path("orders.db");
  {
    ThreadedWorld world(file);
    for (int client = 0; client < 500; ++client) world.start(world.place(1));
    world.loop.poll();
    world.store.reset();
  }
  StoreWorld again(file);
  const auto total = again.get(again.orders().list(Listing())).total;
  CHECK(again.records().size() == 4 * static_cast<std::size_t>(total));
  CHECK(again.job_counts().ready == total);
}
