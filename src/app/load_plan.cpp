#include "load_plan.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/domain/order.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace foodorder::app {

namespace {

constexpr std::array scenarios = {LoadScenario::steady, LoadScenario::burst, LoadScenario::greedy};
constexpr double burst_period_s = 10;
constexpr double burst_length_s = 2;
constexpr std::string_view greedy_customer = "Greedy Gus";
/// So many that an ordinary one stays below the fraud module's limit up to some orders a second.
constexpr std::uint64_t customers = 200;
constexpr std::array<std::string_view, 8> dishes = {"Pizza", "Sushi",   "Burger", "Ramen",
                                                    "Curry", "Falafel", "Tacos",  "Poke bowl"};

/// Numbers that follow from a seed and an order's number.
class Draw {
 public:
  Draw(std::uint64_t seed, std::uint64_t order) : seed_(seed), order_(order) {}
  std::uint64_t below(std::uint64_t limit) {
    return stable_hash(fmt::format("{} {}", order_, drawn_++), seed_) % limit;
  }

 private:
  std::uint64_t seed_;
  std::uint64_t order_;
  int drawn_ = 0;
};

}  // namespace

std::string_view to_string(LoadScenario scenario) noexcept {
  switch (scenario) {
    case LoadScenario::steady:
      return "steady";
    case LoadScenario::burst:
      return "burst";
    case LoadScenario::greedy:
      return "greedy";
  }
  return "unknown";
}

std::optional<LoadScenario> load_scenario_from(std::string_view name) noexcept {
  const auto found = std::ranges::find(scenarios, name, [](LoadScenario scenario) { return to_string(scenario); });
  return found == scenarios.end() ? std::nullopt : std::optional(*found);
}

std::vector<std::string> load_scenarios() {
  std::vector<std::string> names;
  for (const LoadScenario scenario : scenarios) names.emplace_back(to_string(scenario));
  return names;
}

std::uint64_t orders_due(LoadScenario scenario, double rate, Duration elapsed) {
  double seconds = std::chrono::duration<double>(elapsed).count();
  if (scenario == LoadScenario::burst) {
    const double periods = std::floor(seconds / burst_period_s);
    const double within = std::min(seconds - periods * burst_period_s, burst_length_s);
    seconds = (periods + within / burst_length_s) * burst_period_s;
  }
  return static_cast<std::uint64_t>(std::max(0.0, seconds * rate));
}

std::string load_order(LoadScenario scenario, std::uint64_t seed, std::uint64_t number) {
  Draw draw(seed, number);
  const bool greedy = scenario == LoadScenario::greedy && number % 2 == 1;
  const std::string customer =
      greedy ? std::string(greedy_customer) : fmt::format("Customer {}", 1 + draw.below(customers));
  const std::uint64_t quantity = greedy ? 10 : 1 + draw.below(3);
  const auto cents = static_cast<std::int64_t>(greedy ? 20'00 : 5'00 + 50 * draw.below(30));
  return JsonObject()
      .add("customerName", customer)
      .add("item", dishes.at(draw.below(dishes.size())))
      .add("quantity", quantity)
      .add_raw("price", decimal_from_cents(cents))
      .take();
}

}  // namespace foodorder::app
