#include "fraud_gate.hpp"

#include <algorithm>
#include <cmath>

namespace foodorder::monolith {

namespace {

constexpr std::string_view source = "fraud-service";

int rank_of(std::string_view severity) noexcept {
  if (severity == "HIGH") return 3;
  if (severity == "MEDIUM") return 2;
  return severity == "LOW" ? 1 : 4;
}

std::vector<fraud::Alert> judge_order(const Order& order, const database::RecentOrders& recent,
                                      const fraud::Limits& limits) {
  const fraud::WindowCounts counts{recent.by_customer, recent.over_all};
  return fraud::judge(order.customer_name, order.total_cents(), counts, limits);
}

}  // namespace

void FraudGate::set_block_on(std::string_view severity) { block_on_ = severity; }

std::function<database::Verdict(const database::RecentOrders&)> FraudGate::decide(const OrderEvent& event) const {
  return [event, limits = limits_, block_from = rank_of(block_on_)](const database::RecentOrders& recent) {
    const std::vector<fraud::Alert> alerts = judge_order(event.order, recent, limits);
    database::Verdict verdict;
    verdict.action = fraud::verdict_action(alerts);
    verdict.blocked = std::ranges::any_of(
        alerts, [&](const fraud::Alert& alert) { return rank_of(fraud::severity(alert.type)) >= block_from; });
    JsonObject body;
    body.add("source", source).add("action", verdict.action).add("orderId", event.order.id);
    add_findings(body, event.order.customer_name, alerts, {recent.by_customer, recent.over_all});
    if (verdict.blocked) body.add("blocked", true);
    verdict.body = body.add("timestamp", event.timestamp).take();
    return verdict;
  };
}

void configure_gate(FraudGate& gate, const Settings& settings) {
  fraud::Limits limits;
  limits.window = std::chrono::milliseconds(settings.integer("windowMs"));
  limits.velocity = settings.integer("velocityLimit");
  limits.burst = settings.integer("burstLimit");
  limits.amount_cents = std::llround(settings.number("amountLimit") * 100);
  gate.set_limits(limits);
  gate.set_block_on(settings.text("blockOn"));
  gate.faults().configure(settings);
}

std::string FraudGate::findings(const OrderEvent& event, const database::RecentOrders& recent) const {
  JsonObject body;
  add_findings(body, event.order.customer_name, judge_order(event.order, recent, limits_),
               {recent.by_customer, recent.over_all});
  return body.take();
}

}  // namespace foodorder::monolith
