#include "plan.hpp"

namespace foodorder::simulation {

namespace {

using namespace std::chrono_literals;

void add_parts(Plan& plan, Random& random, const std::string& kind, int count) {
  for (int number = 1; number <= count; ++number) {
    Plan::Part part;
    part.kind = kind;
    part.number = number;
    if (random.chance(number == 1 ? 0.1 : 0.4)) part.from = Duration(random.between(0, plan.span.count()));
    plan.parts.push_back(std::move(part));
  }
}

void choose_parts(Plan& plan, Random& random) {
  add_parts(plan, random, "order", random.chance(0.25) ? 2 : 1);
  add_parts(plan, random, "notification", static_cast<int>(random.between(1, 3)));
  add_parts(plan, random, "fraud", random.chance(0.4) ? 2 : 1);
  add_parts(plan, random, "analytics", random.chance(0.4) ? 2 : 1);
  if (random.chance(0.2)) add_parts(plan, random, "audit", 1);
}

void choose_settings(Plan& plan, Random& random) {
  auto& notification = plan.settings["notification"];
  const double fail_rate = random.chance(0.2) ? 1.0 : random.chance(0.2) ? 0.0 : 0.5;
  notification["failRate"] = fail_rate;
  if (random.chance(0.25)) notification["failMode"] = std::string("drop");
  if (fail_rate < 1 && random.chance(0.1)) notification["failMode"] = std::string("retry-forever");
  if (random.chance(0.25)) notification["retryBackoffMs"] = random.between(0, 2'000);
  if (random.chance(0.1)) notification["unfinishedMax"] = std::int64_t{1};
  auto& fraud = plan.settings["fraud"];
  fraud["velocityLimit"] = random.between(1, 3);
  fraud["burstLimit"] = random.between(2, 8);
  if (random.chance(0.5)) fraud["windowMs"] = random.between(1'000, 5'000);
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
  // About so many of each in a world: a tiny one takes some hundred steps, a large one some thousand.
  const double once = plan.requests > 10 ? 1.0 / 2'000 : 1.0 / 300;
  if (random.chance(0.7)) plan.crash = once * static_cast<double>(random.between(1, 4));
  if (random.chance(0.3)) plan.hold = once;
  if (random.chance(0.3)) plan.stop = once;
  if (random.chance(0.15)) plan.pause = once;
  if (random.chance(0.15)) plan.configure = once;
  if (random.chance(0.5)) plan.away_max = 1s;
}

}  // namespace

Plan plan_for(std::uint64_t seed) {
  Random random(seed);
  Plan plan;
  plan.seed = seed;
  const bool large = random.chance(0.02);
  const bool medium = random.chance(0.18);
  plan.requests = static_cast<std::size_t>(large ? random.between(30, 50) : medium ? random.between(4, 12) : 2);
  plan.span = Duration(random.between(10, 3'000) * 1'000);
  if (random.chance(0.15)) plan.span *= 20;
  plan.readers = random.chance(0.3) ? static_cast<std::size_t>(random.between(1, 2)) : 0;
  choose_parts(plan, random);
  choose_settings(plan, random);
  choose_faults(plan, random);
  if (random.chance(0.2)) plan.settings["notification"]["workMs"] = random.between(1, 300);
  return plan;
}

}  // namespace foodorder::simulation
