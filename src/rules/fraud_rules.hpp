#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/base/time.hpp"
#include "sliding_window.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::fraud {

struct Limits {
  Duration window = std::chrono::minutes(1);
  std::int64_t velocity = 5;           ///< orders of a customer in the window that are still in order
  std::int64_t burst = 20;             ///< orders over all in the window that are still in order
  std::int64_t amount_cents = 10'000;  ///< total of an order that is still in order
};

enum class AlertType { velocity, burst, amount };

/// "VELOCITY", "BURST", "AMOUNT".
std::string_view to_string(AlertType type) noexcept;
/// "HIGH", "MEDIUM", "LOW", as the rule goes.
std::string_view severity(AlertType type) noexcept;

struct Alert {
  Alert(AlertType the_type, std::string why) : type(the_type), reason(std::move(why)) {}

  bool operator==(const Alert&) const = default;

  AlertType type;
  std::string reason;
};

/// What is suspicious about an order, given the windows that end with it; in the order of severity. Pure.
std::vector<Alert> judge(const std::string& customer, std::int64_t total_cents, const WindowCounts& counts,
                         const Limits& limits);

/// What the body on `audit` says of a verdict: customerName, alerts: [{type, reason, severity}], windowStats.
void add_findings(JsonObject& body, std::string_view customer, const std::vector<Alert>& alerts,
                  const WindowCounts& counts);

/// FRAUD_ALERT, or FRAUD_CHECK_PASSED without alerts.
std::string_view verdict_action(const std::vector<Alert>& alerts) noexcept;

}  // namespace foodorder::fraud
