#include "fraud_replay.hpp"

#include "foodorder/runtime/event_headers.hpp"

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
  if (terms_.job_queue) return;  // verdicts are parts of transactions, which have an order of their own
  if (entry.first_delivery() && entry.order && entry.order->action == OrderAction::created) {
    const Order& order = entry.order->order;
    const Position& at = entry.record.position;
    const Record& content = *entry.record.record;
    const Timestamp time = believed_time(entry.time, content);
    note_lateness(entry, time);
    placed_.push_back({time, at.tp.partition, at.offset, entry.id, order.customer_name, order.total_cents(),
                       believed_time(entry.order->timestamp, content)});
  }
  if (entry.topic == Topic::audit && entry.source == "fraud-service")
    said_[entry.cause].push_back({verdict_of(entry), entry.place()});
}

void FraudReplay::finish(bool settled) {
  if (!exact_ || !settled) return;
  std::sort(placed_.begin(), placed_.end(), [](const Placed& a, const Placed& b) {
    return std::tie(a.time, a.partition, a.offset) < std::tie(b.time, b.partition, b.offset);
  });
  for (const Placed& placed : placed_) judge(placed);
  for (const Placed& placed : placed_) {
    const auto& expected = expected_[placed.event];
    for (const Verdict& verdict : said_[placed.event])
      if (std::find(expected.begin(), expected.end(), verdict.text) == expected.end())
        report_.add("fraud-replay",
                    fmt::format("{} says {}, a replay {}", verdict.place, verdict.text, fmt::join(expected, " or ")));
  }
}

/// A record that comes later than fraud waits for is judged when it comes. As far as the log tells: by a time that is
/// older than that of its logging, or one that goes back within its partition.
void FraudReplay::note_lateness(const Entry& entry, Timestamp time) {
  const Timestamp logged = entry.record.record->timestamp;
  Timestamp& latest = latest_.try_emplace(entry.record.position.tp.partition, logged).first->second;
  latest = std::max(latest, logged);
  if (latest - time >= terms_.fraud_grace) exact_ = false;
}

/// An order sees those placed in the window that ends with it, as far as the newest one has left them there.
void FraudReplay::judge(const Placed& placed) {
  if (placed.at > newest_) {
    newest_ = placed.at;
    window_.erase(window_.begin(), window_.upper_bound(newest_ - terms_.fraud_window));
  }
  for (const auto& [at, other] : window_)
    if (other->event == placed.event) return;  // an echo, which says nothing
  window_.emplace(placed.at, &placed);
  std::int64_t customer = 0;
  std::int64_t global = 0;
  const auto end = window_.upper_bound(placed.at);
  for (auto seen = window_.upper_bound(placed.at - terms_.fraud_window); seen != end; ++seen) {
    ++global;
    if (seen->second->customer == placed.customer) ++customer;
  }
  std::string alerts;
  if (customer > terms_.velocity_limit) alerts += " VELOCITY";
  if (global > terms_.burst_limit) alerts += " BURST";
  if (placed.total_cents > terms_.amount_limit_cents) alerts += " AMOUNT";
  expected_[placed.event].push_back(fmt::format(
      "{}{} customer {} global {}", alerts.empty() ? "FRAUD_CHECK_PASSED" : "FRAUD_ALERT", alerts, customer, global));
}

}  // namespace foodorder::verify
