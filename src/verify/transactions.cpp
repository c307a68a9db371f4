#include "transactions.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::verify {

namespace {

int rank_of(std::string_view severity) noexcept {
  if (severity == "HIGH") return 3;
  if (severity == "MEDIUM") return 2;
  return severity == "LOW" ? 1 : 4;
}

/// How grave each alert is.
std::string_view severity_of(std::string_view alert) noexcept {
  if (alert == "VELOCITY") return "HIGH";
  return alert == "BURST" ? "MEDIUM" : "LOW";
}

std::int64_t count_at(const json::object& body, std::string_view name) {
  const json::value* windows = body.if_contains("windowStats");
  const json::object* counts = windows ? windows->if_object() : nullptr;
  const json::value* value = counts ? counts->if_contains(name) : nullptr;
  return value && value->is_int64() ? value->get_int64() : -1;
}

/// "FRAUD_ALERT VELOCITY customer 3 global 7".
std::string said(std::string_view action, const std::vector<std::string>& alerts, std::int64_t customer,
                 std::int64_t global) {
  return fmt::format("{} {} customer {} global {}", action, fmt::join(alerts, " "), customer, global);
}

void add_sorted(std::vector<Timestamp>& times, Timestamp time) {
  times.insert(std::upper_bound(times.begin(), times.end(), time), time);
}

std::int64_t count_after(const std::vector<Timestamp>& times, Timestamp time) {
  return times.end() - std::upper_bound(times.begin(), times.end(), time);
}

}  // namespace

bool Transactions::blocks(std::string_view alert) const {
  return rank_of(severity_of(alert)) >= rank_of(terms_.block_on);
}

void Transactions::record(const Entry& entry) {
  if (!terms_.job_queue) return;
  if (entry.topic == Topic::orders && entry.order) {
    const Order& order = entry.order->order;
    const std::int64_t offset = entry.record.position.offset;
    if (!events_.try_emplace(entry.id, offset).second)
      report_.add("one-transaction", fmt::format("{} repeats an event", entry.place()));
    else if (entry.order->action == OrderAction::created)
      placed_.push_back({offset, entry.id, entry.order->timestamp, order.customer_name, order.total_cents()});
  }
  if (entry.topic == Topic::orders_dlq) letters_[entry.cause].push_back(entry.record.position.offset);
  if (entry.topic == Topic::audit) audit(entry);
}

void Transactions::audit(const Entry& entry) {
  const std::int64_t offset = entry.record.position.offset;
  if (entry.source == "order-service") told_.push_back({offset, entry.cause, entry.action});
  if (entry.source == "order-service" && entry.action == "FRAUD_CHECK_SKIPPED") skipped_.insert(entry.cause);
  if (entry.source == "fraud-service") verdict(entry);
  if (entry.source != "notification-service") return;
  std::string delivery = fmt::format("{} {} of {}", entry.action, entry.retries, entry.cause);
  const int times = ++deliveries_[delivery];
  if (times > 1) twice_.push_back({offset, entry.cause, std::move(delivery), times});
}

void Transactions::verdict(const Entry& entry) {
  const json::value* blocked = entry.body.if_contains("blocked");
  Verdict found{entry.record.position.offset,
                entry.cause,
                std::string(text_at(entry.body, "customerName")),
                parse_iso(text_at(entry.body, "timestamp")).value_or(entry.time),
                blocked && blocked->is_bool() && blocked->get_bool(),
                {},
                {}};
  if (const json::value* alerts = entry.body.if_contains("alerts"); alerts && alerts->is_array())
    for (const json::value& alert : alerts->get_array())
      if (alert.is_object()) found.alerts.emplace_back(text_at(alert.get_object(), "type"));
  found.text = said(entry.action, found.alerts, count_at(entry.body, "customerOrdersInWindow"),
                    count_at(entry.body, "globalOrdersInWindow"));
  verdicts_.push_back(std::move(found));
}

void Transactions::check_place(const Row& row, std::int64_t behind) const {
  const auto event = events_.find(row.cause);
  if (event != events_.end() && event->second + behind != row.offset)
    report_.add("one-transaction",
                fmt::format("audit-0@{} ({}) stands apart from its event, at {}", row.offset, row.what, event->second));
}

/// Those in front of it, and itself. One that is dated later counts, too.
Transactions::Recent Transactions::recent(const std::string& customer, Timestamp at) const {
  const Timestamp after = at - terms_.fraud_window;
  const auto own = times_by_customer_.find(customer);
  return {1 + (own == times_by_customer_.end() ? 0 : count_after(own->second, after)), 1 + count_after(times_, after)};
}

/// By what was committed in front of it.
void Transactions::judge(const Verdict& verdict) const {
  if (verdict.blocked) return check_blocked(verdict);
  const auto total = totals_.find(verdict.event);
  if (total == totals_.end()) return;  // told elsewhere
  const Recent counts = recent(verdict.customer, verdict.at);
  std::vector<std::string> alerts;
  if (counts.by_customer > terms_.velocity_limit) alerts.emplace_back("VELOCITY");
  if (counts.over_all > terms_.burst_limit) alerts.emplace_back("BURST");
  if (total->second > terms_.amount_limit_cents) alerts.emplace_back("AMOUNT");
  for (const std::string& alert : alerts)
    if (blocks(alert))
      report_.add("blocked", fmt::format("audit-0@{}: the order of {} was let through with {}", verdict.offset,
                                         verdict.customer, alert));
  const std::string right =
      said(alerts.empty() ? "FRAUD_CHECK_PASSED" : "FRAUD_ALERT", alerts, counts.by_customer, counts.over_all);
  if (verdict.text != right)
    report_.add("fraud-replay", fmt::format("audit-0@{} says {}, a replay {}", verdict.offset, verdict.text, right));
}

void Transactions::check_not_placed(const Verdict& verdict) const {
  if (skipped_.contains(verdict.event)) return;
  if (terms_.accept_unchecked && !terms_.outbox) return;  // that it was skipped may be what nobody told
  if (events_.contains(verdict.event))
    report_.add("blocked", fmt::format("audit-0@{} says that an order was blocked, but it was placed", verdict.offset));
}

/// There is no order, so its total is not known: AMOUNT is believed.
void Transactions::check_blocked(const Verdict& verdict) const {
  check_not_placed(verdict);
  const Recent counts = recent(verdict.customer, verdict.at);
  std::vector<std::string> alerts;
  if (counts.by_customer > terms_.velocity_limit) alerts.emplace_back("VELOCITY");
  if (counts.over_all > terms_.burst_limit) alerts.emplace_back("BURST");
  if (std::find(verdict.alerts.begin(), verdict.alerts.end(), "AMOUNT") != verdict.alerts.end())
    alerts.emplace_back("AMOUNT");
  if (std::none_of(alerts.begin(), alerts.end(), [this](const std::string& alert) { return blocks(alert); }))
    report_.add("blocked", fmt::format("audit-0@{} stops {} below the limit", verdict.offset, verdict.customer));
  const std::string right = said("FRAUD_ALERT", alerts, counts.by_customer, counts.over_all);
  if (verdict.text != right)
    report_.add("fraud-replay", fmt::format("audit-0@{} says {}, a replay {}", verdict.offset, verdict.text, right));
}

void Transactions::judge_in_order() {
  for (const Row& row : told_) check_place(row, 0);
  const auto by_offset = [](const auto& a, const auto& b) { return a.offset < b.offset; };
  std::sort(placed_.begin(), placed_.end(), by_offset);
  std::sort(verdicts_.begin(), verdicts_.end(), by_offset);
  for (const Placed& placed : placed_) totals_[placed.event] = placed.total_cents;
  auto next = placed_.begin();
  for (const Verdict& verdict : verdicts_) {
    // Its own order stands right in front of it, and is counted by itself.
    for (; next != placed_.end() && next->offset < verdict.offset && next->event != verdict.event; ++next) {
      add_sorted(times_, next->at);
      add_sorted(times_by_customer_[next->customer], next->at);
    }
    check_place({verdict.offset, verdict.event, "a verdict"}, 1);
    judge(verdict);
  }
}

/// A fraud service that is called counts in the order of its calls, which no log has: only what each verdict says.
void Transactions::judge_alone() const {
  for (const Verdict& verdict : verdicts_) {
    if (!verdict.blocked) continue;
    check_not_placed(verdict);
    if (std::ranges::none_of(verdict.alerts, [this](const std::string& alert) { return blocks(alert); }))
      report_.add("blocked", fmt::format("audit-0@{} blocks an order, but has no alert that does", verdict.offset));
  }
}

void Transactions::finish() {
  if (!terms_.job_queue) return;
  if (terms_.calls)
    judge_alone();
  else
    judge_in_order();
  for (const Row& row : twice_) {
    const auto& letters = letters_[row.cause];
    const auto before = std::count_if(letters.begin(), letters.end(), [&](auto offset) { return offset < row.offset; });
    if (row.times > 1 + before)
      report_.add("lease", fmt::format("audit-0@{}: {} was told before", row.offset, row.what));
  }
}

}  // namespace foodorder::verify
