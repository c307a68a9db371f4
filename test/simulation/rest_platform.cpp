#include "rest_platform.hpp"

#include "bus_memory/memory_bus.hpp"
#include "call_load.hpp"
#include "call_network.hpp"
#include "fault_store.hpp"
#include "foodorder/runtime/topics.hpp"
#include "fraud_account.hpp"
#include "processes.hpp"
#include "rest/rest.hpp"
#include "simulated_database.hpp"
#include "world.hpp"

#include <prometheus/registry.h>
#include <array>

namespace foodorder::simulation {

namespace {

using namespace std::chrono_literals;

/// All calls in a row that an order waits for, and a little for the rest.
constexpr Duration order_max = 1s + 600ms + 50ms;
/// Longer than any pause of who still has something to tell.
constexpr Duration quiet_min = 2s;

/// What the product's breakers promise (docs/learn/rest.md).
calls::Breaker::Spec breaker_of(std::string_view path) {
  calls::Breaker::Spec spec;
  spec.slow_after = path == "/check" ? 240ms : 200ms;
  return spec;
}

struct Process {
  Process(Clock& machine, http::Network& over, EventBus& control, prometheus::Registry& metrics, RestStores stores,
          const RestOptions& options, std::span<const ModuleKind> configured)
      : clock(machine, Duration::zero()),
        network(over),
        system(network, clock, control, metrics, std::move(stores), options),
        kinds(system.kinds(configured)) {}

  [[nodiscard]] EventBus& bus() { return system.bus(); }

  ProcessClock clock;
  http::Network& network;
  RestSystem system;
  std::vector<ModuleKind> kinds;
};

/// What must be there once, in the database of one service.
struct Once {
  std::string_view rule;
  std::string_view service;
  const char* what;
  const char* count;  ///< of what is there too often
};
constexpr std::array<Once, 5> once = {
    {{"notify-once", "notification", "notifications of one event",
      "SELECT count(*) - count(DISTINCT cause_id) FROM audit WHERE action = 'NOTIFIED'"},
     {"check-once", "fraud", "verdicts of one check", "SELECT count(*) - count(DISTINCT cause_id) FROM audit"},
     {"check-once", "fraud", "copies of one order", "SELECT count(*) - count(DISTINCT id) FROM orders"},
     {"audit-once", "audit", "rows of one event",
      "SELECT count(*) - (SELECT count(*) FROM (SELECT DISTINCT cause_id, source, action, retry_count FROM audit)) "
      "FROM audit"},
     {"audit-once", "audit", "rows that were not received",
      "SELECT count(*) - (SELECT count(*) FROM received) FROM audit"}}};

class RestPlatform final : public Platform {
 public:
  explicit RestPlatform(TablePlatformParts parts)
      : parts_(parts),
        control_(parts.clock, parts.trace, parts.plan.seed + 3),
        random_(parts.plan.seed + 5),
        order_(parts_of("order", parts.database_actor)),
        fraud_(parts_of("fraud", parts.scheduler.add())),
        notification_(parts_of("notification", parts.scheduler.add())),
        audit_(parts_of("audit", parts.scheduler.add())),
        others_(make_memory_bus(parts.scheduler.executor(parts.own_actor), parts.clock, MemoryBusOptions())),
        calls_(parts.clock, parts.trace, parts.plan.seed + 6, complain()),
        network_(calls_.join(breaker_of)),
        configured_(configured(parts.make.kinds, parts.plan)) {
    control_.poison = parts_.plan.poison;
    control_.begins = [this](std::string_view path, const std::string& id) { calls_.begins(path, id); };
    begin();
    kinds_ = processes_.kinds();
    if (parts_.plan.load.calls > 0)
      load_ = std::make_unique<CallLoad>(
          CallLoad::Parts{calls_, parts_.scheduler, parts_.clock, parts_.trace, parts_.plan, complain()});
  }

  const std::vector<ModuleKind>& kinds() const override { return kinds_; }
  EventBus& bus(int process) override { return processes_.at(process).bus(); }
  Clock& clock(int process) override { return processes_.at(process).clock; }

  void set_faulty(bool faulty) override {
    control_.faults = faulty ? parts_.plan.table_faults : TableFaults();
    for (SimulatedDatabase* database : all()) {
      database->set_faulty(control_.faults);
      if (!faulty) database->end_trouble();
    }
    calls_.set(faulty ? parts_.plan.call_faults : CallFaults());
    if (!faulty && load_) load_->heal();
  }

  void kill(int) override { begin(); }

  void trouble(Duration until_later) override {
    SimulatedDatabase& database = *all()[random_.below(all().size())];
    if (!database.troubled()) database.trouble(random_.chance(0.5), until_later);
  }

  std::vector<std::string> doomed() override { return std::exchange(control_.doomed, {}); }

  std::uint64_t writes() const override {
    return order_.sqlite().changes() + fraud_.sqlite().changes() + notification_.sqlite().changes() +
           audit_.sqlite().changes();
  }

  /// What services have said of an order is read before the orders, and given behind them.
  std::vector<ConsumerRecord> read_on() override {
    std::vector<ConsumerRecord> said = audit_.read_on();
    const std::vector<ConsumerRecord> letters = notification_.read_on();
    std::vector<ConsumerRecord> records = order_.read_on();
    std::erase_if(records, [](const ConsumerRecord& record) { return !is_of_orders(record.position.tp.topic); });
    for (const ConsumerRecord& record : said)
      if (record.position.tp.topic == topics::audit) records.push_back(record);
    for (const ConsumerRecord& record : letters)
      if (record.position.tp.topic == topics::orders_dlq) records.push_back(record);
    return records;
  }

  std::optional<std::string> unsettled() override {
    if (load_ && !load_->done()) return "the load has not ended";
    if (calls_.under_way() > 0 || parts_.clock.now() - calls_.last_use() < quiet_min) return "calls are under way";
    if (!is_idle(notification_)) return "there are jobs";
    for (SimulatedDatabase* database : {&order_, &fraud_, &notification_})
      if (parts_.plan.outbox && !is_told(*database)) return database->name() + " has something to tell";
    return {};
  }

  /// Statistics follow the logs, and what began to be read before all was healed may come late.
  Duration report_age() const override {
    const TableFaults& faults = parts_.plan.table_faults;
    return 1s + (faults.delay > 0 ? faults.delay_max : Duration::zero());
  }

  /// Nobody waits longer for an order than all its calls may take.
  std::optional<Duration> answer_max() const override {
    const TableFaults& faults = parts_.plan.table_faults;
    if (parts_.plan.hold + parts_.plan.trouble + faults.delay + faults.delay_answer > 0) return {};
    return order_max;
  }

  bool retry_dead_job() override {
    simulation::retry_dead_job(notification_, parts_.trace, parts_.clock.now());
    return true;
  }

  void check_end(verify::Verifier& verifier) override {
    for (const Once& each : once)
      if (const auto count = of(each.service).sqlite().number(each.count); count != 0)
        verifier.add(each.rule, fmt::format("{}: {} {} too many", each.service, count, each.what));
    check_answers(verifier);
    check_gaps(verifier);
    check_counts(fraud_.result_of(fraud_.store().services().journal(1, 1'000)).value(), parts_.plan, complain());
    if (load_) load_->check_end();
  }

 private:
  static bool is_of_orders(std::string_view topic) { return topic == topics::orders || topic == topics::order_status; }

  Complain complain() const {
    return
        [&verifier = parts_.verifier](std::string_view rule, std::string what) { verifier.add(rule, std::move(what)); };
  }

  SimulatedDatabase::Parts parts_of(const char* service, Scheduler::Actor actor) {
    SqliteOptions options;
    options.new_log_id = std::string("log of ") + service;
    options.architecture = std::string("rest, the ") + service + " service";
    options.signals = signals_;
    return {parts_.scheduler, actor,   parts_.own_actor, parts_.clock,
            parts_.trace,     service, parts_.plan.seed, std::move(options)};
  }

  std::array<SimulatedDatabase*, 4> all() { return {&order_, &fraud_, &notification_, &audit_}; }

  SimulatedDatabase& of(std::string_view service) {
    if (service == "fraud") return fraud_;
    return service == "notification" ? notification_ : audit_;
  }

  /// In place of the process that was killed, if there was one.
  void begin() {
    RestOptions options;
    options.accept_unchecked = parts_.plan.accept_unchecked;
    options.outbox = parts_.plan.outbox;
    options.seed = parts_.plan.seed;
    const auto faulty = [&](SimulatedDatabase& database) {
      return make_fault_store(database.store(), control_, signals_);
    };
    RestStores stores{faulty(order_), faulty(fraud_), faulty(notification_), faulty(audit_)};
    processes_.begin(0, std::make_unique<Process>(parts_.clock, *network_, *others_, metrics_, std::move(stores),
                                                  options, configured_));
  }

  /// All rows were told.
  static bool is_told(SimulatedDatabase& database) {
    return database.sqlite().number(
               "SELECT (SELECT n FROM counters WHERE name = 'told') > (SELECT coalesce(max(seq), 0) FROM audit)") == 1;
  }

  /// Who was given an answer was told the truth.
  void check_answers(verify::Verifier& verifier) {
    for (const auto& [path, id] : calls_.answered()) {
      SimulatedDatabase& database = path == "/check" ? fraud_ : path == "/notify" ? notification_ : audit_;
      const char* const count = path == "/check" ? "SELECT count(*) FROM audit WHERE cause_id = '{}'"
                                                 : "SELECT count(*) FROM received WHERE id = '{}'";
      if (path != "/work" && database.sqlite().number(fmt::format(fmt::runtime(count), id)) == 0)
        verifier.add("calls", fmt::format("{} of {} was answered, and nothing of it is there", path, id));
    }
  }

  /// Where nobody crashed and every service heard of its own writes, what was not told was counted.
  void check_gaps(verify::Verifier& verifier) {
    const Plan& plan = parts_.plan;
    if (plan.crash + plan.kill + plan.stop + plan.hold + plan.trouble > 0 || plan.poison || control_.lost > 0) return;
    std::uint64_t counted = 0;
    for (const json::value& arrow : processes_.at(0).system.calls())
      counted += arrow.at("gaps").to_number<std::uint64_t>();
    if (verifier.gaps().size() > counted)
      verifier.add("gaps", fmt::format("{} gaps, of which {} were counted; the first: {}", verifier.gaps().size(),
                                       counted, verifier.gaps().front()));
  }

  TablePlatformParts parts_;
  const std::shared_ptr<database::Signals> signals_ = std::make_shared<database::Signals>();
  StoreControl control_;
  Random random_;
  SimulatedDatabase order_;
  SimulatedDatabase fraud_;
  SimulatedDatabase notification_;
  SimulatedDatabase audit_;
  std::unique_ptr<EventBus> others_;
  prometheus::Registry metrics_;
  CallNetwork calls_;
  std::unique_ptr<http::Network> network_;
  std::vector<ModuleKind> configured_;
  Processes<Process> processes_;
  std::vector<ModuleKind> kinds_;
  std::unique_ptr<CallLoad> load_;
};

}  // namespace

std::unique_ptr<Platform> make_rest_platform(TablePlatformParts parts) { return std::make_unique<RestPlatform>(parts); }

}  // namespace foodorder::simulation
