#include "settings.hpp"

#include <chrono>
#include <cmath>

namespace foodorder::fraud {

std::vector<SettingSpec> setting_specs() {
  std::vector<SettingSpec> specs;
  specs.push_back(SettingSpec::integer("windowMs", 60'000, 1'000, 3'600'000, "the length of the sliding windows"));
  specs.push_back(SettingSpec::integer("velocityLimit", 5, 1, 1'000'000,
                                       "orders of one customer in the window that raise no VELOCITY alert"));
  specs.push_back(SettingSpec::integer("burstLimit", 20, 1, 100'000'000,
                                       "orders over all in the window that raise no BURST alert"));
  specs.push_back(
      SettingSpec::number("amountLimit", 100, 0, 100'000'000, "total of an order that raises no AMOUNT alert"));
  specs.push_back(
      SettingSpec::integer("graceMs", 50, 0, 10'000, "how long to wait for earlier orders of other partitions"));
  specs.push_back(
      SettingSpec::choice("blockOn", "HIGH", {"HIGH", "MEDIUM", "LOW", "none"},
                          "monolith: an order with an alert of that severity, or a higher one, is refused"));
  return specs;
}

Limits limits_of(const Settings& settings) {
  Limits limits;
  limits.window = std::chrono::milliseconds(settings.integer("windowMs"));
  limits.velocity = settings.integer("velocityLimit");
  limits.burst = settings.integer("burstLimit");
  limits.amount_cents = std::llround(settings.number("amountLimit") * 100);
  return limits;
}

Duration grace_of(const Settings& settings) { return std::chrono::milliseconds(settings.integer("graceMs")); }

}  // namespace foodorder::fraud
