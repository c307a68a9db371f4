#include "transactions.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::verify {

namespace {

int severity_rank(std::string_view severity) noexcept {
  if (severity == "HIGH") return 3;
  if (severity == "MEDIUM") return 2;
  return severity == "LOW" ? 1 : 0;
}

}  // namespace

/// What is blocked from: beyond all of them for none.
int Transactions::rank_of(std::string_view severity) const {
  const int rank = severity_rank(severity);
  return rank == 0 ? 4 : rank;
}

void Transactions::record(const Entry& entry) {
  if (!terms_.job_queue) return;
  if (entry.topic == Topic::orders && entry.order) {
    const Order& order = entry.order->order;
    const bool created = entry.order->action == OrderAction::created;
    const auto [placed, first] = placed_.try_emplace(
        entry.id, Placed{entry.record.position.offset, entry.order->timestamp, order.customer_name, created});
    if (created && first) by_customer_[order.customer_name].push_back(&placed->second);
    if (!first) report_.add("one-transaction", fmt::format("{} repeats an event", entry.place()));
  }
  if (entry.topic == Topic::orders_dlq) letters_.insert(entry.cause);
  if (entry.topic == Topic::audit) audit(entry);
}

void Transactions::audit(const Entry& entry) {
  const std::int64_t offset = entry.record.position.offset;
  if (entry.source == "order-service") told_.push_back({offset, entry.cause, entry.action});
  if (entry.source == "fraud-service") verdict(entry);
  if (entry.source != "notification-service") return;
  std::string delivery = fmt::format("{} {} of {}", entry.action, entry.retries, entry.cause);
  if (!deliveries_.insert(delivery).second) twice_.push_back({offset, entry.cause, std::move(delivery)});
}

void Transactions::verdict(const Entry& entry) {
  const std::int64_t offset = entry.record.position.offset;
  const json::value* blocked = entry.body.if_contains("blocked");
  if (!blocked || !blocked->is_bool() || !blocked->get_bool()) {
    verdicts_.push_back({offset, entry.cause, entry.action});
    return;
  }
  Blocked found{offset, entry.cause, std::string(text_at(entry.body, "customerName")),
                parse_iso(text_at(entry.body, "timestamp")).value_or(entry.time), false};
  if (const json::value* alerts = entry.body.if_contains("alerts"); alerts && alerts->is_array())
    for (const json::value& alert : alerts->get_array())
      if (alert.is_object() && severity_rank(text_at(alert.get_object(), "severity")) >= rank_of(terms_.block_on))
        found.severe = true;
  blocked_.push_back(std::move(found));
}

std::int64_t Transactions::recent(const std::string& customer, Timestamp at, std::int64_t before) const {
  const auto orders = by_customer_.find(customer);
  if (orders == by_customer_.end()) return 0;
  return std::count_if(orders->second.begin(), orders->second.end(), [&](const Placed* placed) {
    return placed->offset < before && placed->at > at - terms_.fraud_window;
  });
}

void Transactions::check_place(const Row& row, std::int64_t behind) const {
  const auto event = placed_.find(row.cause);
  if (event != placed_.end() && event->second.offset + behind != row.offset)
    report_.add("one-transaction", fmt::format("audit-0@{} ({}) stands apart from its event, at {}", row.offset,
                                               row.what, event->second.offset));
}

void Transactions::finish() {
  if (!terms_.job_queue) return;
  for (const Row& row : told_) check_place(row, 0);
  for (const Row& row : verdicts_) check_place(row, 1);
  for (const Blocked& blocked : blocked_) {
    if (placed_.contains(blocked.cause))
      report_.add("blocked",
                  fmt::format("audit-0@{} says that an order was blocked, but it was placed", blocked.offset));
    if (!blocked.severe)
      report_.add("blocked", fmt::format("audit-0@{} blocks an order, but has no alert that does", blocked.offset));
    if (rank_of(terms_.block_on) == 3 &&
        recent(blocked.customer, blocked.at, blocked.offset) + 1 <= terms_.velocity_limit)
      report_.add("blocked", fmt::format("audit-0@{} stops {} below the limit", blocked.offset, blocked.customer));
  }
  if (rank_of(terms_.block_on) < 4)
    for (const auto& [event, placed] : placed_)
      if (placed.created && recent(placed.customer, placed.at, placed.offset) + 1 > terms_.velocity_limit)
        report_.add("blocked", fmt::format("orders@{} lets {} place more than {} orders", placed.offset,
                                           placed.customer, terms_.velocity_limit));
  for (const Row& row : twice_)
    if (!letters_.contains(row.cause))
      report_.add("lease", fmt::format("audit-0@{}: {} was told before", row.offset, row.what));
}

}  // namespace foodorder::verify
