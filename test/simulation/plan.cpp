#include "draws.hpp"

namespace foodorder::simulation {

namespace {

using namespace std::chrono_literals;

void choose_parts(Plan& plan, Random& random) {
  add_order_and_notification(plan, random);
  add_parts(plan, random, "fraud", random.chance(0.4) ? 2 : 1);
  add_parts(plan, random, "analytics", random.chance(0.4) ? 2 : 1);
  if (random.chance(0.2)) add_parts(plan, random, "audit", 1);
}

void choose_settings(Plan& plan, Random& random) {
  choose_failures(plan, random);
  if (random.chance(0.1)) plan.settings["notification"]["unfinishedMax"] = std::int64_t{1};
  choose_fraud_limits(plan, random);
  if (random.chance(0.2)) plan.settings["order"]["feedEventsMax"] = std::int64_t{16};
}

void choose_faults(Plan& plan, Random& random) {
  const auto sometimes = [&](double& chance, double often) {
    if (random.chance(0.2)) chance = often;
  };
  sometimes(plan.faults.refuse_send, 0.1);
  sometimes(plan.faults.lose_acknowledgement, 0.1);
  sometimes(plan.faults.duplicate_send, 0.1);
  sometimes(plan.faults.delay_send, 0.3);
  sometimes(plan.faults.delay_acknowledgement, 0.3);
  sometimes(plan.faults.refuse_commit, 0.2);
  sometimes(plan.faults.lose_commit_answer, 0.2);
  sometimes(plan.faults.fail_next, 0.05);
  sometimes(plan.faults.delay_delivery, 0.5);
  sometimes(plan.faults.fail_admin, 0.1);
  if (random.chance(0.2)) plan.faults.delay_max = 5s;
  choose_disturbances(plan, random, 0.7);
}

}  // namespace

Plan plan_for(std::uint64_t seed) {
  Random random(seed);
  Plan plan;
  plan.seed = seed;
  choose_size(plan, random, 0.18, 2);
  choose_parts(plan, random);
  choose_settings(plan, random);
  choose_faults(plan, random);
  if (random.chance(0.2)) plan.settings["notification"]["workMs"] = random.between(1, 300);
  return plan;
}

}  // namespace foodorder::simulation
