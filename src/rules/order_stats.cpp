#include "order_stats.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace foodorder::analytics {

namespace {

/// A share between 0 and 1 with four digits, so that the JSON stays short.
double rounded(double share) { return std::round(share * 10'000) / 10'000; }

double millis(Duration duration) { return static_cast<double>(duration.count()) / 1'000; }

}  // namespace

void PendingTimes::put(const EventKey& event, Timestamp time) {
  if (!times_.emplace(event, time).second) return;
  order_.push_back(event);
  if (order_.size() <= capacity_) return;
  times_.erase(order_.front());
  order_.pop_front();
}

std::optional<Timestamp> PendingTimes::take(const EventKey& event) {
  const auto found = times_.find(event);
  if (found == times_.end()) return {};
  const Timestamp time = found->second;
  times_.erase(found);  // its place in the order goes when it is the oldest
  return time;
}

void OrderStats::order(const EventKey& event, const OrderEvent& order, Timestamp logged_at) {
  if (!seen_.insert(event)) return;
  ++by_action_[static_cast<std::size_t>(order.action)];
  if (order.action != OrderAction::created) return;
  revenue_cents_ += order.order.total_cents();
  if (const auto item = by_item_.find(order.order.item); item != by_item_.end())
    ++item->second;
  else if (by_item_.size() < items_max)
    by_item_.emplace(order.order.item, 1);
  else
    ++other_items_;
  ++per_minute_[std::chrono::floor<std::chrono::minutes>(order.timestamp)];
  if (per_minute_.size() > minutes_max) per_minute_.erase(per_minute_.begin());
  if (const auto notified_at = unordered_.take(event))
    took(logged_at, *notified_at);
  else
    unnotified_.put(event, logged_at);
}

void OrderStats::notification(const EventKey& event, const EventKey& cause, std::string_view action,
                              Timestamp logged_at) {
  if (!seen_.insert(event)) return;
  if (action == "RETRY") ++retries_;
  if (action == "DLQ") ++dead_lettered_;
  if (action == "DROPPED") ++dropped_;
  if (action != "NOTIFIED") return;
  ++notified_;
  if (const auto ordered_at = unnotified_.take(cause))
    took(*ordered_at, logged_at);
  else
    unordered_.put(cause, logged_at);
}

void OrderStats::took(Timestamp ordered_at, Timestamp notified_at) {
  to_notified_.add(notified_at - ordered_at);
  recent_.add(notified_at, notified_at - ordered_at);
}

json::object OrderStats::last_minute(Timestamp now) const {
  const LatencyHistogram recent = recent_.at(now);
  json::object figures;
  figures["count"] = recent.count();
  figures["p50Ms"] = millis(recent.quantile(0.5));
  figures["p99Ms"] = millis(recent.quantile(0.99));
  return figures;
}

json::array OrderStats::top_items() const {
  std::vector<std::pair<std::string_view, std::int64_t>> items(by_item_.begin(), by_item_.end());
  const auto shown = items.begin() + static_cast<std::ptrdiff_t>(std::min(items_shown, items.size()));
  std::partial_sort(items.begin(), shown, items.end(), [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  json::array top;
  for (auto item = items.begin(); item != shown; ++item) {
    json::object entry;
    entry["item"] = item->first;
    entry["orders"] = item->second;
    top.push_back(std::move(entry));
  }
  return top;
}

json::value OrderStats::success_rate() const {
  const std::int64_t ended = notified_ + dead_lettered_ + dropped_;
  if (ended == 0) return {};
  return rounded(static_cast<double>(notified_) / static_cast<double>(ended));
}

std::string OrderStats::summary() const {
  return JsonObject()
      .add("created", count(OrderAction::created))
      .add("updated", count(OrderAction::updated))
      .add("deleted", count(OrderAction::deleted))
      .add_raw("revenue", decimal_from_cents(revenue_cents_))
      .add("notified", notified_)
      .add_raw("successRate", serialize_json(success_rate()))
      .take();
}

json::object OrderStats::figures() const {
  json::object orders;
  for (const OrderAction action : {OrderAction::created, OrderAction::updated, OrderAction::deleted})
    orders[to_string(action)] = count(action);
  json::array items = top_items();
  std::int64_t others = count(OrderAction::created);
  for (const json::value& item : items) others -= item.as_object().at("orders").as_int64();
  json::array minutes;
  const auto first = per_minute_.size() > 10 ? std::prev(per_minute_.end(), 10) : per_minute_.begin();
  for (auto minute = first; minute != per_minute_.end(); ++minute) {
    json::object entry;
    entry["minute"] = to_iso_millis(minute->first).view();
    entry["orders"] = minute->second;
    minutes.push_back(std::move(entry));
  }
  json::object notifications;
  notifications["notified"] = notified_;
  notifications["retries"] = retries_;
  notifications["deadLettered"] = dead_lettered_;
  notifications["dropped"] = dropped_;
  notifications["successRate"] = success_rate();
  json::object times;
  times["count"] = to_notified_.count();
  times["meanMs"] = millis(to_notified_.mean());
  times["p50Ms"] = millis(to_notified_.quantile(0.5));
  times["p99Ms"] = millis(to_notified_.quantile(0.99));
  json::object figures;
  figures["orders"] = std::move(orders);
  figures["revenue"] = static_cast<double>(revenue_cents_) / 100;
  figures["items"] = std::move(items);
  figures["otherItems"] = others;
  figures["perMinute"] = std::move(minutes);
  figures["notifications"] = std::move(notifications);
  figures["timeToNotified"] = std::move(times);
  return figures;
}

}  // namespace foodorder::analytics
