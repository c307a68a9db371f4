#pragma once

#include "database/order_database.hpp"
#include "foodorder/runtime/settings.hpp"
#include "rules/fraud_rules.hpp"
#include "runtime/faults.hpp"

#include <string>
#include <string_view>

namespace foodorder::monolith {

/// The fraud check that stands in front of each order, inside its transaction: the rules of the fraud service, and from
/// which severity on an order is refused.
class FraudGate {
 public:
  void set_limits(const fraud::Limits& limits) noexcept { limits_ = limits; }
  /// "HIGH", "MEDIUM", "LOW", or "none".
  void set_block_on(std::string_view severity);
  [[nodiscard]] const std::string& block_on() const noexcept { return block_on_; }
  [[nodiscard]] const fraud::Limits& limits() const noexcept { return limits_; }

  /// For NewOrder: judges that event.
  [[nodiscard]] std::function<database::Verdict(const database::RecentOrders&)> decide(const OrderEvent& event) const;

  /// Why an order was refused, as JSON: {customerName, alerts, windowStats}.
  [[nodiscard]] std::string findings(const OrderEvent& event, const database::RecentOrders& recent) const;

  /// A check that is slow or fails holds up the order that waits for it.
  [[nodiscard]] Faults& faults() noexcept { return faults_; }

 private:
  Faults faults_{"fraud", 0};
  fraud::Limits limits_;
  std::string block_on_ = "HIGH";
};

/// By the settings of the fraud service.
void configure_gate(FraudGate& gate, const Settings& settings);

}  // namespace foodorder::monolith
