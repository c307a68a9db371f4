#include "draws.hpp"

namespace foodorder::simulation {

namespace {

using namespace std::chrono_literals;

Duration millis(Random& random, std::int64_t low, std::int64_t high) { return 1ms * random.between(low, high); }

void choose_parts(Plan& plan, Random& random) {
  plan.processes = 1;
  add_order_and_notification(plan, random);
  add_parts(plan, random, "fraud", random.chance(0.3) ? 2 : 1);
  add_parts(plan, random, "audit", random.chance(0.3) ? 2 : 1);
  add_parts(plan, random, "analytics", 1);
}

void choose_call_faults(Plan& plan, Random& random) {
  CallFaults& faults = plan.call_faults;
  const auto sometimes = [&](double& chance) {
    if (random.chance(0.2)) chance = random.chance(0.2) ? 0.6 : 0.15;
  };
  for (double* chance : {&faults.refuse, &faults.lose, &faults.delay, &faults.repeat, &faults.fail, &faults.wrong,
                         &faults.lose_answer, &faults.delay_answer, &faults.fail_late, &faults.wrong_late})
    sometimes(*chance);
  if (random.chance(0.3)) faults.delay_max = 3s;  // longer than any deadline
}

/// Small windows and budgets, so that little is needed to open one and to use up the other.
void choose_load(Plan& plan, Random& random) {
  if (!random.chance(0.25)) return;
  LoadPlan& load = plan.load;
  load.calls = static_cast<std::size_t>(random.chance(0.3) ? random.between(40, 120) : random.between(5, 25));
  plan.span = std::max(plan.span, millis(random, 500, 8'000));
  load.crashes = random.chance(0.4);
  calls::Policy& policy = load.policy;
  policy.total = millis(random, 100, 1'000);
  policy.try_timeout = millis(random, 20, 300);
  policy.tries_max = static_cast<int>(random.between(1, 4));
  policy.backoff = millis(random, 0, 100);
  policy.calls_max = static_cast<std::size_t>(random.chance(0.3) ? random.between(1, 3) : 64);
  policy.budget.share = static_cast<double>(random.between(0, 3)) / 10;
  policy.budget.per_second = static_cast<double>(random.between(0, 5)) / 10;
  policy.breaker.window_tries = static_cast<std::size_t>(random.between(4, 20));
  policy.breaker.tries_min = static_cast<std::size_t>(random.between(2, 4));
  policy.breaker.bad_share = random.chance(0.3) ? 0.9 : 0.5;
  policy.breaker.open_for = millis(random, 50, 2'000);
  policy.breaker.probes = static_cast<std::size_t>(random.between(1, 3));
  policy.breaker.slow_after = millis(random, 10, 300);
}

}  // namespace

Plan rest_plan_for(std::uint64_t seed) {
  Random random(seed);
  Plan plan;
  plan.seed = seed;
  choose_size(plan, random, 0.28, 3);
  choose_parts(plan, random);
  choose_queue_settings(plan, random);
  plan.fraud_query = "indexed";
  plan.accept_unchecked = random.chance(0.5);
  plan.outbox = random.chance(0.6);
  if (random.chance(0.5)) choose_table_faults(plan, random);
  choose_disturbances(plan, random, 0.6);
  choose_call_faults(plan, random);
  choose_load(plan, random);
  plan.poison = random.chance(0.05);
  return plan;
}

}  // namespace foodorder::simulation
