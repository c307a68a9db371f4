#pragma once

#include "instance.hpp"
#include "plan.hpp"
#include "platform.hpp"
#include "support/virtual_clock.hpp"
#include "verify/verifier.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace prometheus {
class Registry;
}

namespace foodorder::simulation {

enum class Architecture { events, monolith, rest };

/// "events" and so on.
std::optional<Architecture> architecture_of(std::string_view name);

/// What the worlds are made of: the program's own modules, or others with a bug in them.
struct Make {
  std::vector<ModuleKind> kinds;
  /// Put between the modules and the bus, if set.
  std::function<std::unique_ptr<EventBus>(std::unique_ptr<EventBus> bus, Executor executor)> wrap_bus;
  /// In place of the plan of the seed, if set.
  std::function<void(Plan& plan)> change_plan;
  Architecture architecture = Architecture::events;
};

/// The modules of the program, as they are.
std::vector<ModuleKind> product_modules();

/// What came of a world.
struct Outcome {
  std::vector<verify::Violation> violations;
  std::string trace;
  std::uint64_t fingerprint = 0;  ///< of all that happened
  std::uint64_t steps = 0;
  std::uint64_t crashes = 0;
  std::uint64_t events = 0;   ///< on `orders`
  std::uint64_t records = 0;  ///< over all
};

class Clients;

/// One program in virtual time: modules, bus and clients, and all that goes wrong as the plan has it.
class World {
 public:
  World(const Make& make, Plan plan, bool traced);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  Outcome run();

  // For its clients.
  [[nodiscard]] VirtualClock& clock() noexcept { return clock_; }
  [[nodiscard]] Trace& trace() noexcept { return trace_; }
  [[nodiscard]] verify::Verifier& verifier() noexcept { return verifier_; }
  [[nodiscard]] const Plan& plan() const noexcept { return plan_; }
  /// An order service that takes requests; null if there is none.
  [[nodiscard]] Instance* order_service(Random& random) const;
  /// Things go wrong now.
  [[nodiscard]] bool disturbing() const noexcept { return disturbing_; }
  /// The program is being stopped for good.
  [[nodiscard]] bool over() const noexcept { return over_; }
  [[nodiscard]] Platform& platform() noexcept { return *platform_; }
  /// Tells the verifier what the log has got.
  void pull();

 private:
  void add_instances();
  void start(Instance& instance);
  ModuleContext context_of(const Instance& instance);
  void disturb();
  Settings settings_of(const std::string& kind_name);
  void crash(Instance& instance);
  void kill(int process);
  void crash_doomed();
  void configure(Instance& instance);
  void compare_replay(Instance& instance);
  void leave(Instance& instance);
  void destroy_ended();
  void come_back(Instance& instance, Duration after);
  /// One handler, or, if there is none, the next timer that is due by `until`; false if there is neither.
  bool turn(Timestamp until);
  void run_until(Timestamp when);
  void heal();
  bool settle();
  [[nodiscard]] std::optional<std::string> unsettled();
  void check_end(bool came_to_rest);
  void tell(const ConsumerRecord& record);
  void stop_all();
  Plan plan_;
  const Make& make_;
  VirtualClock clock_;
  Scheduler scheduler_;
  const Scheduler::Actor bus_actor_ = scheduler_.add();
  const Scheduler::Actor own_actor_ = scheduler_.add();
  Trace trace_;
  Random random_;
  std::unique_ptr<IdSource> ids_;
  verify::Verifier verifier_;
  std::unique_ptr<Platform> platform_;
  bool disturbing_ = false;
  bool over_ = false;
  bool fraud_exact_ = true;
  std::uint64_t pulled_writes_ = 0;
  std::uint64_t crashes_ = 0;
  std::vector<std::unique_ptr<Instance>> instances_;
  std::unique_ptr<Clients> clients_;
};

/// The world of a seed.
Outcome simulate(const Make& make, std::uint64_t seed, bool traced);

}  // namespace foodorder::simulation
