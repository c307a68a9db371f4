#pragma once

#include "foodorder/base/clock.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// What the load generator sends, and when: pure functions of the scenario, so that one seed gives the same orders.

namespace foodorder::app {

enum class LoadScenario {
  steady,  ///< evenly spaced orders of ordinary customers
  burst,   ///< the same number, but each 10 s come within 2 s
  greedy,  ///< every second order is of one customer, who orders for much money
};

/// "steady", ...
std::string_view to_string(LoadScenario scenario) noexcept;
std::optional<LoadScenario> load_scenario_from(std::string_view name) noexcept;
/// All names.
std::vector<std::string> load_scenarios();

/// How many orders are due once `elapsed` has passed since the start, at `rate` orders a second on average.
std::uint64_t orders_due(LoadScenario scenario, double rate, Duration elapsed);

/// The JSON body of the order with that number.
std::string load_order(LoadScenario scenario, std::uint64_t seed, std::uint64_t number);

}  // namespace foodorder::app
