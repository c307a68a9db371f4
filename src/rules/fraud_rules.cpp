#include "fraud_rules.hpp"

#include <fmt/format.h>

namespace foodorder::fraud {

namespace {

/// "1 minute", "10 minutes", "90 seconds", "500 milliseconds".
std::string span_text(Duration span) {
  const auto text = [](std::int64_t count, std::string_view unit) {
    return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
  };
  using namespace std::chrono;
  if (span % minutes(1) == Duration::zero()) return text(duration_cast<minutes>(span).count(), "minute");
  if (span % seconds(1) == Duration::zero()) return text(duration_cast<seconds>(span).count(), "second");
  return text(duration_cast<milliseconds>(span).count(), "millisecond");
}

}  // namespace

std::string_view to_string(AlertType type) noexcept {
  switch (type) {
    case AlertType::velocity:
      return "VELOCITY";
    case AlertType::burst:
      return "BURST";
    case AlertType::amount:
      return "AMOUNT";
  }
  return "UNKNOWN";
}

std::string_view severity(AlertType type) noexcept {
  switch (type) {
    case AlertType::velocity:
      return "HIGH";
    case AlertType::burst:
      return "MEDIUM";
    case AlertType::amount:
      return "LOW";
  }
  return "UNKNOWN";
}

std::vector<Alert> judge(const std::string& customer, std::int64_t total_cents, const WindowCounts& counts,
                         const Limits& limits) {
  std::vector<Alert> alerts;
  if (counts.customer_orders > limits.velocity)
    alerts.emplace_back(AlertType::velocity, fmt::format("{} placed {} orders in {}", customer, counts.customer_orders,
                                                         span_text(limits.window)));
  if (counts.global_orders > limits.burst)
    alerts.emplace_back(AlertType::burst,
                        fmt::format("{} orders in {} globally", counts.global_orders, span_text(limits.window)));
  if (total_cents > limits.amount_cents)
    alerts.emplace_back(AlertType::amount,
                        fmt::format("Order total ${}.{:02} exceeds threshold", total_cents / 100, total_cents % 100));
  return alerts;
}

std::string_view verdict_action(const std::vector<Alert>& alerts) noexcept {
  return alerts.empty() ? "FRAUD_CHECK_PASSED" : "FRAUD_ALERT";
}

void add_findings(JsonObject& body, std::string_view customer, const std::vector<Alert>& alerts,
                  const WindowCounts& counts) {
  body.add("customerName", customer)
      .add_objects(
          "alerts", alerts,
          [](JsonObject& inner, const Alert& alert) {
            inner.add("type", to_string(alert.type)).add("reason", alert.reason).add("severity", severity(alert.type));
          })
      .add_object("windowStats", [&](JsonObject& inner) {
        inner.add("customerOrdersInWindow", counts.customer_orders).add("globalOrdersInWindow", counts.global_orders);
      });
}

}  // namespace foodorder::fraud
