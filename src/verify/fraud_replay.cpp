#include "fraud_replay.hpp"

#include "foodorder/runtime/envelope.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <tuple>

namespace foodorder::verify {

namespace {

std::string text_of(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value && value->is_string() ? std::string(std::string_view(value->get_string())) : std::string();
}

/// "FRAUD_ALERT VELOCITY AMOUNT customer 3 global 7", as the body of a verdict says.
std::string verdict_of(const Entry& entry) {
  std::string text = entry.action;
  const json::value* alerts = entry.body.if_contains("alerts");
  if (alerts && alerts->is_array())
    for (const json::value& alert : alerts->get_array())
      if (alert.is_object()) text += " " + text_of(alert.get_object(), "type");
  const json::value* windows = entry.body.if_contains("windowStats");
  if (!windows || !windows->is_object()) return text;
  const auto count = [&](std::string_view name) {
    const json::value* value = windows->get_object().if_contains(name);
    return value && value->is_int64() ? value->get_int64() : -1;
  };
  return fmt::format("{} customer {} global {}", text, count("customerOrdersInWindow"), count("globalOrdersInWindow"));
}

}  // namespace

void FraudReplay::record(const Entry& entry) {
  if (entry.first_delivery() && entry.order && entry.order->action == OrderAction::created) {
    const Order& order = entry.order->order;
    const Position& at = entry.record.position;
    const Record& content = *entry.record.record;
    placed_.push_back({believed_time(entry.time, content), at.tp.partition, at.offset, entry.id, order.customer_name,
                       order.total_cents(), believed_time(entry.order->timestamp, content), false});
  }
  if (entry.topic == Topic::audit && entry.source == "fraud-service")
    said_[entry.cause].push_back({verdict_of(entry), entry.place()});
}

void FraudReplay::finish(bool settled) {
  if (!exact_ || !settled) return;
  std::sort(placed_.begin(), placed_.end(), [](const Placed& a, const Placed& b) {
    return std::tie(a.time, a.partition, a.offset) < std::tie(b.time, b.partition, b.offset);
  });
  for (std::size_t index = 0; index < placed_.size(); ++index) judge(index);
  for (const Placed& placed : placed_) {
    const auto& expected = expected_[placed.event];
    for (const Verdict& verdict : said_[placed.event])
      if (std::find(expected.begin(), expected.end(), verdict.text) == expected.end())
        report_.add("fraud-replay",
                    fmt::format("{} says {}, a replay {}", verdict.place, verdict.text, fmt::join(expected, " or ")));
  }
}

void FraudReplay::judge(std::size_t index) {
  Placed& judged = placed_[index];
  const Timestamp after = judged.at - terms_.fraud_window;
  std::int64_t customer = 1;
  std::int64_t global = 1;
  // Times of events and of orders differ by little, so the window is not far back.
  for (std::size_t i = index; i-- > 0;) {
    const Placed& earlier = placed_[i];
    if (earlier.at <= after) break;
    if (earlier.echo) continue;
    if (earlier.event == judged.event) {
      judged.echo = true;  // and says nothing
      return;
    }
    ++global;
    if (earlier.customer == judged.customer) ++customer;
  }
  std::string alerts;
  if (customer > terms_.velocity_limit) alerts += " VELOCITY";
  if (global > terms_.burst_limit) alerts += " BURST";
  if (judged.total_cents > terms_.amount_limit_cents) alerts += " AMOUNT";
  expected_[judged.event].push_back(fmt::format(
      "{}{} customer {} global {}", alerts.empty() ? "FRAUD_CHECK_PASSED" : "FRAUD_ALERT", alerts, customer, global));
}

}  // namespace foodorder::verify
