#include "base/fault_domain.hpp"
#include "bus_memory/memory_bus.hpp"
#include "database_sqlite/sqlite_store.hpp"
#include "monolith/fraud_gate.hpp"
#include "monolith/table_bus.hpp"
#include "monolith/table_order_book.hpp"
#include "monolith/worker_module.hpp"
#include "rules/retry_policy.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <prometheus/registry.h>
#include <algorithm>
#include <boost/asio/detached.hpp>

using namespace foodorder;
using namespace foodorder::monolith;

namespace {

using order::Refusal;

std::vector<SettingSpec> worker_settings() {
  std::vector<SettingSpec> specs;
  specs.push_back(SettingSpec::number("failRate", 0, 0, 1, ""));
  specs.push_back(SettingSpec::choice("failMode", "dlq", {"dlq", "drop", "retry-forever"}, ""));
  for (const auto& [name, value] :
       {std::pair("retryBackoffMs", 200), std::pair("retryBackoffMaxMs", 5'000), std::pair("workMs", 0),
        std::pair("leaseMs", 10'000), std::pair("deliveriesMax", 5)})
    specs.push_back(SettingSpec::integer(name, value, 0, 1'000'000, ""));
  return specs;
}

struct Worker {
  std::unique_ptr<FaultDomain> domain;
  std::unique_ptr<Module> module;
  bool ended = false;
};

class World {
 public:
  World() {
    SqliteOptions options;
    options.file = ":memory:";
    options.new_log_id = "log-1";
    options.own_threads = false;
    store = make_sqlite_store(loop.context.get_executor(), loop.clock, std::move(options));
    MemoryBusOptions memory;
    memory.log_id = "control";
    control = make_memory_bus(loop.context.get_executor(), loop.clock, std::move(memory));
    bus = make_table_bus(store->orders(), *control, loop.clock);
    live = std::make_unique<order::FeedReader>(*bus, loop.clock, topics::table(), "live", nullptr, [] {});
    book = std::make_unique<TableOrderBook>(TableOrderBook::Parts{store->orders(), loop.clock, *ids, gate, *live});
  }
  ~World() {
    for (auto& worker : workers) crash(*worker);
  }

  /// The id, or nothing if it was refused.
  std::optional<std::string> place(const std::string& customer) {
    const ParsedFields parsed = parse_new_order(
        JsonObject().add("customerName", customer).add("item", "Pizza").add("quantity", 1).add("price", 5).take());
    auto placed = loop.run(place(parsed.fields));
    REQUIRE(placed.has_value());
    return std::move(*placed);
  }

  Task<std::optional<std::string>> place(const OrderFields& fields) {
    const order::NewOrder wanted{fields, {}, {}};
    const auto placed = co_await book->place(wanted);
    if (placed) co_return placed->order.id;
    refusal = placed.error();
    co_return std::nullopt;
  }

  Worker& start(const std::string& id, const std::vector<std::pair<std::string, SettingValue>>& changed = {}) {
    Settings settings(worker_settings());
    for (const auto& [name, value] : changed) REQUIRE(settings.set(name, value).has_value());
    Worker& worker = *workers.emplace_back(std::make_unique<Worker>());
    worker.domain = std::make_unique<FaultDomain>(loop.context.get_executor(), id);
    worker.module = make_worker_module(
        ModuleContext{id, *bus, loop.clock, *ids, metrics, settings, 0, std::chrono::seconds(10)}, *store);
    asio::co_spawn(worker.domain->get_executor(), worker.module->run(),
                   [&worker](std::exception_ptr) { worker.ended = true; });
    loop.run_ready();
    return worker;
  }

  void crash(Worker& worker) {
    if (worker.domain) worker.domain->crash();
    loop.run_ready();
    worker.module.reset();
    worker.domain.reset();
  }

  database::JobCounts jobs() { return **loop.run(store->jobs().counts()); }

  std::vector<std::string> actions() {
    std::vector<std::string> found;
    const auto page = loop.run(bus->admin().read(TopicPartition("audit", 0), 0, ReadLimits()));
    for (const ConsumerRecord& record : (**page).records)
      found.emplace_back(text_at(parse_json(*record.record->value())->as_object(), "action"));
    return found;
  }
  std::int64_t told(const std::string& action) {
    const auto all = actions();
    return std::count(all.begin(), all.end(), action);
  }

  VirtualLoop loop;
  std::unique_ptr<IdSource> ids = make_seeded_ids(1);
  prometheus::Registry metrics;
  FraudGate gate;
  Refusal refusal;
  std::unique_ptr<database::Store> store;
  std::unique_ptr<EventBus> control;
  std::unique_ptr<EventBus> bus;
  std::unique_ptr<order::FeedReader> live;
  std::unique_ptr<TableOrderBook> book;
  std::vector<std::unique_ptr<Worker>> workers;
};

Task<> read_all(Consumer& reader, std::vector<ConsumerRecord>& records) {
  for (;;) {
    auto next = co_await reader.next();
    if (!next) co_return;
    if (auto* batch = std::get_if<Records>(&*next))
      records.insert(records.end(), batch->records.begin(), batch->records.end());
  }
}

}  // namespace

TEST_CASE("the fraud check blocks from the severity on that is set") {
  World world;
  for (int i = 0; i < 5; ++i) CHECK(world.place("Ada").has_value());
  CHECK_FALSE(world.place("Ada").has_value());
  CHECK(world.refusal.why == Refusal::Why::fraud);
  const auto findings = parse_json(world.refusal.detail);
  CHECK(findings->at("windowStats").at("customerOrdersInWindow").as_int64() == 6);
  world.gate.set_block_on("none");
  CHECK(world.place("Ada").has_value());
  CHECK(world.told("FRAUD_ALERT") == 2);
  world.gate.set_block_on("LOW");
  fraud::Limits limits;
  limits.amount_cents = 100;
  world.gate.set_limits(limits);
  CHECK_FALSE(world.place("Ben").has_value());
}

TEST_CASE("a worker notifies what is placed, at once") {
  World world;
  world.start("notification-1");
  world.place("Ada");
  CHECK(world.told("NOTIFIED") == 1);
  CHECK(world.jobs().ready == 0);
}

TEST_CASE("deliveries fail as the rules of the events architecture say") {
  World world;
  world.gate.set_block_on("none");
  world.start("notification-1", {{"failRate", 0.5}});
  for (int i = 0; i < 40; ++i) world.place("Ada");
  world.loop.run_for(std::chrono::seconds(2));
  notification::RetryPolicy policy;
  policy.fail_rate = 0.5;
  std::int64_t dead = 0;
  std::int64_t retries = 0;
  const auto page = world.loop.run(world.store->orders().read_rows(0, 1000));
  for (const ConsumerRecord& record : (**page).records) {
    if (record.position.tp.topic != "orders") continue;
    const std::string id(*find_header(record.record->headers, "ce_id"));
    std::int64_t count = 0;
    while (notification::outcome_of(id, count, 0, policy) == notification::Outcome::retry) ++count;
    retries += count;
    if (notification::outcome_of(id, count, 0, policy) == notification::Outcome::dead_letter) ++dead;
  }
  REQUIRE(dead > 0);
  CHECK(world.told("RETRY") == retries);
  CHECK(world.told("DLQ") == dead);
  CHECK(world.told("NOTIFIED") == 40 - dead);
  CHECK(world.jobs().dead == dead);
}

TEST_CASE("the jobs of a worker that crashed are another's after their lease, and each is told once") {
  World world;
  Worker& first = world.start("notification-1", {{"workMs", std::int64_t(1'000)}});
  world.place("Ada");
  world.place("Ben");
  world.loop.run_for(std::chrono::milliseconds(500));
  CHECK(world.jobs().leased == 1);
  world.crash(first);
  world.start("notification-2");
  world.loop.run_for(std::chrono::seconds(9));
  CHECK(world.told("NOTIFIED") == 1);
  world.loop.run_for(std::chrono::seconds(2));
  CHECK(world.told("NOTIFIED") == 2);
  CHECK(world.jobs().leased == 0);
}

TEST_CASE("a worker that works longer than its lease keeps it") {
  World world;
  world.start("notification-1", {{"workMs", std::int64_t(5'000)}, {"leaseMs", std::int64_t(1'000)}});
  world.place("Ada");
  world.start("notification-2", {{"leaseMs", std::int64_t(1'000)}});
  world.loop.run_for(std::chrono::seconds(4));
  CHECK(world.told("NOTIFIED") == 0);
  world.loop.run_for(std::chrono::seconds(2));
  CHECK(world.told("NOTIFIED") == 1);
}

TEST_CASE("a worker that stops gives back what it has not begun") {
  World world;
  Worker& first = world.start("notification-1", {{"workMs", std::int64_t(300)}});
  for (const char* customer : {"Ada", "Ben", "Cy"}) world.place(customer);
  world.loop.run_for(std::chrono::milliseconds(400));
  first.module->stop();
  world.loop.run_ready();
  CHECK(first.ended);
  CHECK(world.jobs().leased == 0);
  world.start("notification-2");
  CHECK(world.told("NOTIFIED") == 3);
}

TEST_CASE("a paused worker takes nothing until it is resumed") {
  World world;
  Worker& worker = world.start("notification-1");
  worker.module->pause(true);
  world.loop.run_ready();
  world.place("Ada");
  world.loop.run_for(std::chrono::seconds(2));
  CHECK(world.told("NOTIFIED") == 0);
  worker.module->pause(false);
  world.loop.run_for(std::chrono::seconds(1));
  CHECK(world.told("NOTIFIED") == 1);
}

TEST_CASE("a job that ends its worker each time is dead after five deliveries, and takes no other along") {
  World world;
  world.gate.set_block_on("none");
  for (int i = 0; i < 9; ++i) world.place("Ada");
  const std::string poison = world.place("Ben").value();
  Worker* worker = &world.start("notification-1", {{"workMs", std::int64_t(10)}});
  int crashes = 0;
  for (int step = 0; step < 2'000 && world.jobs().dead == 0; ++step) {
    world.loop.run_for(std::chrono::milliseconds(50));
    const auto jobs = **world.loop.run(world.store->jobs().jobs(100));
    if (std::none_of(jobs.begin(), jobs.end(), [&](const database::ShownJob& job) {
          return job.order_id == poison && job.state == "leased" && job.worker == "notification-1";
        }))
      continue;
    world.crash(*worker);
    ++crashes;
    world.loop.run_for(std::chrono::seconds(11));
    worker = &world.start("notification-1", {{"workMs", std::int64_t(100)}});
  }
  world.loop.run_for(std::chrono::seconds(30));
  CHECK(crashes == 5);
  CHECK(world.told("DLQ") == 1);
  CHECK(world.told("NOTIFIED") == 9);
}

TEST_CASE("two workers with one id, and sixteen more, tell each job once") {
  World world;
  world.gate.set_block_on("none");
  for (int i = 0; i < 300; ++i) world.place("Ada");
  world.start("notification-1", {{"workMs", std::int64_t(100)}});
  for (int i = 1; i <= 16; ++i) world.start("notification-" + std::to_string(i), {{"workMs", std::int64_t(100)}});
  world.loop.run_for(std::chrono::seconds(5));
  CHECK(world.jobs().leased + world.jobs().ready + world.jobs().dead == 0);
  std::int64_t notified = 0;
  for (const auto& worker : world.workers) {
    const json::object report = worker->module->report();
    notified += report.at("notified").as_int64();
    CHECK(report.at("notified").as_int64() > 0);
    CHECK(report.at("fenced").as_int64() == 0);
  }
  CHECK(notified == 300);
}

TEST_CASE("a reader of tables gets every record once, and those of later commits when they are made") {
  World world;
  world.place("Ada");
  auto reader = world.bus->subscribe(ConsumerSpec("reader", {"orders", "audit"}));
  std::vector<ConsumerRecord> records;
  asio::co_spawn(world.loop.context, read_all(*reader, records), asio::detached);
  world.loop.run_ready();
  CHECK(records.size() == 3);
  world.place("Ben");
  CHECK(records.size() == 6);  // at once: no time has passed
  CHECK(world.loop.run(reader->seek(TopicPartition("audit", 0), Where::beginning()))->has_value());
  world.place("Cy");
  CHECK(records.size() == 6 + 4 + 3);
  reader->pause({TopicPartition("audit", 0)});
  world.place("Dee");
  CHECK(records.size() == 13 + 1);
  reader->resume({TopicPartition("audit", 0)});
  world.loop.run_ready();
  CHECK(records.size() == 14 + 2);
  asio::co_spawn(world.loop.context, reader->close(), asio::detached);
  world.loop.run_ready();
}

TEST_CASE("tables are read only, and have no groups; other topics have both") {
  World world;
  auto producer = world.bus->producer(ProducerSpec("test"));
  const auto sent = world.loop.run(producer->send(ProducerRecord("orders", Record("key", "value"))));
  CHECK(sent->error().code == Errc::unsupported);
  ConsumerSpec member("member", {"orders"});
  member.group = "group";
  auto consumer = world.bus->subscribe(std::move(member));
  CHECK(world.loop.run(consumer->next())->error().code == Errc::unsupported);
  CHECK(world.loop.run(world.bus->admin().compact("order-status"))->error().code == Errc::unsupported);
  std::vector<TopicSpec> topics;
  topics.emplace_back("orders", 3);
  topics.emplace_back("module-control", 1);
  CHECK(world.loop.run(world.bus->admin().ensure_topics(std::move(topics)))->has_value());
  CHECK(world.loop.run(producer->send(ProducerRecord("module-control", Record("key", "value"))))->has_value());
}
