#include "store_world.hpp"

#include <fmt/format.h>
#include <stdlib.h>
#include <filesystem>

namespace foodorder::test {

using namespace database;

StoreWorld::StoreWorld(std::string file, std::string fraud_query, std::int64_t pages_max) {
  SqliteOptions options;
  options.file = std::move(file);
  options.fraud_query = std::move(fraud_query);
  options.pages_max = pages_max;
  options.new_log_id = "log-1";
  options.own_threads = false;
  store = make_sqlite_store(loop.context.get_executor(), loop.clock, std::move(options));
}

StoreWorld::~StoreWorld() = default;

Verdict StoreWorld::judge(const OrderEvent& event, const RecentOrders& recent, std::int64_t limit) {
  Verdict verdict;
  verdict.blocked = recent.by_customer > limit;
  verdict.action = verdict.blocked ? "FRAUD_ALERT" : "FRAUD_CHECK_PASSED";
  JsonObject body;
  body.add("source", "fraud-service").add("action", verdict.action).add("orderId", event.order.id);
  body.add("customerName", event.order.customer_name);
  body.add_objects("alerts", std::vector<int>(verdict.blocked ? 1 : 0),
                   [](JsonObject& alert, int) { alert.add("type", "VELOCITY").add("severity", "HIGH"); });
  body.add_object("windowStats", [&](JsonObject& inner) {
    inner.add("customerOrdersInWindow", recent.by_customer).add("globalOrdersInWindow", recent.over_all);
  });
  if (verdict.blocked) body.add("blocked", true);
  verdict.body = body.add("timestamp", event.timestamp).take();
  return verdict;
}

NewOrder StoreWorld::new_order(const std::string& customer, const std::string& id) {
  NewOrder order;
  const int number = ++next_id_;
  OrderEvent& event = order.write.event;
  event.order.id = id.empty() ? fmt::format("order-{}", number) : id;
  event.order.customer_name = customer;
  event.order.item = "Pizza";
  event.order.quantity = 2;
  event.order.price_cents = 1'250;
  event.order.status = "created";
  event.order.created_at = event.timestamp = loop.clock.now();
  order.write.event_id = fmt::format("event-{}", number);
  order.write.trace_id = fmt::format("{:032x}", number);
  for (int time = 0; time < times_per_write; ++time) order.write.time = loop.clock.stamp();
  order.write.time -= Duration(times_per_write - 1);
  order.window = window;
  order.decide = [event, most = limit](const RecentOrders& recent) { return judge(event, recent, most); };
  return order;
}

Result<Placing> StoreWorld::try_place(NewOrder order) {
  auto placed = loop.run(orders().place(std::move(order)));
  REQUIRE(placed.has_value());
  return std::move(*placed);
}

Placing StoreWorld::place(const std::string& customer) { return get(orders().place(new_order(customer))); }

std::vector<Result<Placing>> StoreWorld::place_together(std::vector<NewOrder> all) {
  std::vector<Result<Placing>> results;
  for (NewOrder& order : all)
    asio::co_spawn(loop.context, orders().place(std::move(order)),
                   [&](std::exception_ptr failure, Result<Placing> placed) {
                     if (failure) std::rethrow_exception(failure);
                     results.push_back(std::move(placed));
                   });
  loop.run_ready();
  REQUIRE(results.size() == all.size());
  return results;
}

Lease StoreWorld::lease(const std::string& worker, std::size_t jobs_max) {
  LeaseRequest request;
  request.worker = worker;
  request.token = worker;
  request.jobs_max = jobs_max;
  request.lease = lease_time;
  request.now = loop.clock.now();
  return get(store->jobs().lease(std::move(request)));
}

std::vector<bool> StoreWorld::finish(const Job& job, const std::string& worker, JobResult::Next next) {
  JobResult result;
  result.job = job.id;
  result.token = worker;
  result.next = next;
  result.action = next == JobResult::Next::done ? "NOTIFIED" : next == JobResult::Next::retry ? "RETRY" : "DLQ";
  result.retry_count = job.retry_count + (next == JobResult::Next::retry ? 1 : 0);
  result.run_at = loop.clock.now() + std::chrono::milliseconds(200);
  result.time = loop.clock.stamp();
  loop.clock.stamp();
  result.reason = "Max retries exceeded";
  result.letter = result.body = JsonObject()
                                    .add("source", "notification-service")
                                    .add("action", result.action)
                                    .add("orderId", job.order_id)
                                    .add("retryCount", result.retry_count)
                                    .take();
  return get(store->jobs().finish(std::vector<JobResult>(1, result)));
}

JobCounts StoreWorld::job_counts() { return get(store->jobs().counts()); }

std::vector<ConsumerRecord> StoreWorld::records() { return get(orders().read_rows(0, 1000)).records; }

std::string refusal(const std::string& file, const std::string& architecture) {
  VirtualLoop loop;
  SqliteOptions options;
  options.file = file;
  options.architecture = architecture;
  options.new_log_id = "log-1";
  options.own_threads = false;
  try {
    make_sqlite_store(loop.context.get_executor(), loop.clock, std::move(options));
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

Folder::Folder() : path_(std::filesystem::temp_directory_path() / "foodorder-XXXXXX") {
  REQUIRE(::mkdtemp(path_.data()) != nullptr);
}

Folder::~Folder() { std::filesystem::remove_all(path_); }

}  // namespace foodorder::test
