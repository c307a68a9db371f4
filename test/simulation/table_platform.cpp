#include "table_platform.hpp"

#include "bus_memory/memory_bus.hpp"
#include "fault_store.hpp"
#include "monolith/monolith.hpp"
#include "monolith/table_bus.hpp"
#include "processes.hpp"
#include "simulated_database.hpp"
#include "world.hpp"

#include <array>

namespace foodorder::simulation {

namespace {

using namespace std::chrono_literals;

struct Process {
  Process(Clock& machine, Duration behind) : clock(machine, behind) {}

  [[nodiscard]] EventBus& bus() const { return *its_bus; }

  ProcessClock clock;
  std::unique_ptr<database::Store> store;
  std::unique_ptr<EventBus> its_bus;
  std::vector<ModuleKind> kinds;
};

/// What must be the same, by two ways to count it.
struct Sum {
  const char* what;
  const char* left;
  const char* right;
};
constexpr std::array<Sum, 4> sums = {
    {{"live orders", "SELECT n FROM counters WHERE name = 'orders'", "SELECT count(*) FROM orders WHERE deleted = 0"},
     {"blocked orders", "SELECT n FROM counters WHERE name = 'blocked'",
      "SELECT count(*) FROM audit WHERE body LIKE '%\"blocked\":true%'"},
     {"events", "SELECT sum(n) FROM counters WHERE name LIKE 'events-%'",
      "SELECT count(*) FROM audit WHERE partition IS NOT NULL"},
     {"placed orders", "SELECT coalesce(sum(n), 0) FROM fraud_counts", "SELECT count(*) FROM orders"}}};

class TablePlatform final : public Platform {
 public:
  explicit TablePlatform(TablePlatformParts parts)
      : parts_(parts),
        control_(parts.clock, parts.trace, parts.plan.seed + 3),
        random_(parts.plan.seed + 5),
        database_({parts.scheduler, parts.database_actor, parts.own_actor, parts.clock, parts.trace, "database",
                   parts.plan.seed + 6, options()}),
        others_(make_memory_bus(parts.scheduler.executor(parts.database_actor), parts.clock, MemoryBusOptions())),
        configured_(configured(parts.make.kinds, parts.plan)) {
    control_.poison = parts_.plan.poison;
    for (int process = 0; process < parts_.plan.processes; ++process) begin(process, Duration::zero());
    kinds_ = processes_.kinds();
    // Clocks that do not agree end leases early.
    if (parts_.plan.clock_back == Duration::zero())
      database_.sqlite().watch_leases([this] { return parts_.clock.now().time_since_epoch().count(); },
                                      [this](std::string what) { parts_.verifier.add("lease", std::move(what)); });
  }

  const std::vector<ModuleKind>& kinds() const override { return kinds_; }

  EventBus& bus(int process) override { return processes_.at(process).bus(); }
  Clock& clock(int process) override { return processes_.at(process).clock; }

  void set_faulty(bool faulty) override {
    control_.faults = faulty ? parts_.plan.table_faults : TableFaults();
    database_.set_faulty(control_.faults);
    if (!faulty) database_.end_trouble();
  }

  /// Once in a while the machine's clock is set back, which a process sees when it starts.
  void kill(int process) override {
    Duration behind = Duration::zero();
    if (random_.chance(0.5)) behind = parts_.plan.clock_back;
    if (behind > Duration::zero()) parts_.trace("simulator", "the clock of process {} is set back", process);
    begin(process, behind);
  }

  void trouble(Duration until_later) override {
    if (!database_.troubled()) database_.trouble(random_.chance(0.5), until_later);
  }

  std::vector<std::string> doomed() override { return std::exchange(control_.doomed, {}); }
  std::uint64_t writes() const override { return database_.sqlite().changes(); }
  std::vector<ConsumerRecord> read_on() override { return database_.read_on(); }
  std::optional<std::string> unsettled() override {
    return is_idle(database_) ? std::nullopt : std::optional<std::string>("there are jobs");
  }

  /// A module that reads its figures slowly reads them rarely.
  Duration report_age() const override {
    const bool slow = parts_.plan.hold + parts_.plan.trouble + parts_.plan.table_faults.delay > 0;
    return slow ? 31s : 3s;
  }

  void check_end(verify::Verifier& verifier) override {
    for (const Sum& sum : sums)
      if (const auto left = database_.sqlite().number(sum.left), right = database_.sqlite().number(sum.right);
          left != right)
        verifier.add("one-transaction", fmt::format("{}: {} by one count, {} by another", sum.what, left, right));
    if (const auto rows = database_.sqlite().number("SELECT count(*) FROM audit"); rows != database_.next_row() - 1)
      verifier.add("stream", fmt::format("the log ends at {}, and has {} rows", database_.next_row(), rows));
  }

  bool retry_dead_job() override {
    simulation::retry_dead_job(database_, parts_.trace, parts_.clock.now());
    return true;
  }

 private:
  SqliteOptions options() const {
    SqliteOptions options;
    options.new_log_id = "log";
    options.fraud_query = parts_.plan.fraud_query;
    return options;
  }

  /// The first process hears of all commits. The second hears of none: it has to look.
  void begin(int process, Duration behind) {
    auto begun = std::make_unique<Process>(parts_.clock, behind);
    begun->store =
        make_fault_store(database_.store(), control_,
                         process == 0 ? database_.store().orders().signals() : std::make_shared<database::Signals>());
    begun->its_bus = make_table_bus(begun->store->orders(), *others_, begun->clock);
    begun->kinds = monolith_kinds(*begun->store, configured_);
    processes_.begin(process, std::move(begun));
  }

  TablePlatformParts parts_;
  StoreControl control_;
  Random random_;
  SimulatedDatabase database_;
  std::unique_ptr<EventBus> others_;
  Processes<Process> processes_;
  std::vector<ModuleKind> configured_;
  std::vector<ModuleKind> kinds_;
};

}  // namespace

std::unique_ptr<Platform> make_table_platform(TablePlatformParts parts) {
  return std::make_unique<TablePlatform>(parts);
}

}  // namespace foodorder::simulation
