#include "draws.hpp"

namespace foodorder::simulation {

using namespace std::chrono_literals;

void choose_size(Plan& plan, Random& random, double medium, std::size_t requests_min) {
  const bool is_large = random.chance(0.02);
  const bool is_medium = random.chance(medium);
  plan.requests = requests_min;
  if (is_large || is_medium)
    plan.requests = static_cast<std::size_t>(is_large ? random.between(30, 50) : random.between(4, 12));
  plan.span = Duration(random.between(10, 3'000) * 1'000);
  if (random.chance(0.15)) plan.span *= 20;
  plan.readers = random.chance(0.3) ? static_cast<std::size_t>(random.between(1, 2)) : 0;
}

void add_parts(Plan& plan, Random& random, const std::string& kind, int count, const std::function<int()>& process) {
  for (int number = 1; number <= count; ++number) {
    Plan::Part part;
    part.kind = kind;
    part.number = number;
    if (process && number > 1) part.process = process();
    if (random.chance(number == 1 ? 0.1 : 0.4)) part.from = Duration(random.between(0, plan.span.count()));
    plan.parts.push_back(std::move(part));
  }
}

void add_order_and_notification(Plan& plan, Random& random, const std::function<int()>& process) {
  add_parts(plan, random, "order", random.chance(0.25) ? 2 : 1, process);
  add_parts(plan, random, "notification", static_cast<int>(random.between(1, 3)), process);
}

void choose_failures(Plan& plan, Random& random) {
  auto& notification = plan.settings["notification"];
  const double fail_rate = random.chance(0.2) ? 1.0 : random.chance(0.2) ? 0.0 : 0.5;
  notification["failRate"] = fail_rate;
  if (random.chance(0.25)) notification["failMode"] = std::string("drop");
  if (fail_rate < 1 && random.chance(0.1)) notification["failMode"] = std::string("retry-forever");
  if (random.chance(0.25)) notification["retryBackoffMs"] = random.between(0, 2'000);
}

void choose_fraud_limits(Plan& plan, Random& random) {
  auto& fraud = plan.settings["fraud"];
  fraud["velocityLimit"] = random.between(1, 3);
  fraud["burstLimit"] = random.between(2, 8);
  if (random.chance(0.5)) fraud["windowMs"] = random.between(1'000, 5'000);
}

void choose_queue_settings(Plan& plan, Random& random) {
  choose_failures(plan, random);
  auto& notification = plan.settings["notification"];
  if (random.chance(0.5)) notification["leaseMs"] = random.between(100, 2'000);
  if (random.chance(0.4)) notification["workMs"] = random.between(1, 300);
  if (random.chance(0.2)) notification["deliveriesMax"] = random.between(1, 3);
  choose_fraud_limits(plan, random);
  if (random.chance(0.3))
    plan.settings["fraud"]["blockOn"] = std::string(random.chance(0.4)   ? "MEDIUM"
                                                    : random.chance(0.5) ? "LOW"
                                                                         : "none");
  if (random.chance(0.2)) plan.settings["order"]["feedEventsMax"] = std::int64_t{16};
}

void choose_table_faults(Plan& plan, Random& random) {
  TableFaults& faults = plan.table_faults;
  const auto sometimes = [&](double& chance, double often) {
    if (random.chance(0.2)) chance = often;
  };
  sometimes(faults.refuse, 0.1);
  sometimes(faults.lose_answer, 0.15);
  sometimes(faults.delay, 0.3);
  sometimes(faults.delay_answer, 0.3);
  sometimes(faults.bad_row, 0.15);
  sometimes(faults.interrupt, 0.1);
  sometimes(faults.fail_commit, 0.15);
  sometimes(faults.fail_read, 0.1);
  if (random.chance(0.2)) faults.delay_max = 5s;
}

void choose_disturbances(Plan& plan, Random& random, double crashes) {
  // About so many of each in a world: a tiny one takes some hundred steps, a large one some thousand.
  const double once = plan.requests > 10 ? 1.0 / 2'000 : 1.0 / 300;
  if (random.chance(crashes)) plan.crash = once * static_cast<double>(random.between(1, 4));
  if (random.chance(0.3)) plan.hold = once;
  if (random.chance(0.3)) plan.stop = once;
  if (random.chance(0.15)) plan.pause = once;
  if (random.chance(0.15)) plan.configure = once;
  if (plan.processes > 0 && random.chance(0.4)) plan.kill = once;
  if (plan.processes > 0 && random.chance(0.2)) plan.trouble = once;
  if (random.chance(0.5)) plan.away_max = 1s;
}

}  // namespace foodorder::simulation
