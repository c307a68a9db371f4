#include "draws.hpp"

namespace foodorder::simulation {

namespace {

using namespace std::chrono_literals;

void choose_parts(Plan& plan, Random& random) {
  plan.processes = random.chance(0.4) ? 2 : 1;
  const auto process = [&] { return static_cast<int>(random.below(static_cast<std::size_t>(plan.processes))); };
  add_order_and_notification(plan, random, process);
  add_parts(plan, random, "fraud", 1);
  add_parts(plan, random, "analytics", 1);
}

}  // namespace

Plan monolith_plan_for(std::uint64_t seed) {
  Random random(seed);
  Plan plan;
  plan.seed = seed;
  choose_size(plan, random, 0.28, 3);
  choose_parts(plan, random);
  choose_queue_settings(plan, random);
  static constexpr std::array queries = {"scan", "indexed", "counted"};
  plan.fraud_query = queries[random.below(queries.size())];
  choose_table_faults(plan, random);
  choose_disturbances(plan, random, 0.6);
  if (random.chance(0.2)) plan.clock_back = 1h;
  plan.poison = random.chance(0.1);
  return plan;
}

}  // namespace foodorder::simulation
