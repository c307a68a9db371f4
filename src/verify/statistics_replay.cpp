#include "statistics_replay.hpp"

#include "foodorder/runtime/event_headers.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <cmath>

namespace foodorder::verify {

namespace {

constexpr std::size_t items_shown = 10;
constexpr std::size_t minutes_shown = 10;

/// The numbers of a JSON document by their paths: "orders.created"; those of lists by `name`: "items.Pizza".
void flatten(const json::value& value, const std::string& path, std::map<std::string, double>& out) {
  if (value.is_number()) {
    out[path] = value.to_number<double>();
  } else if (const auto* object = value.if_object()) {
    for (const auto& [name, member] : *object) flatten(member, path + "." + std::string(name), out);
  } else if (const auto* list = value.if_array()) {
    for (const json::value& element : *list) {
      const auto* entry = element.if_object();
      if (!entry || entry->size() != 2) continue;
      const auto name = entry->begin()->value();
      if (name.is_string()) flatten(std::next(entry->begin())->value(), path + "." + name.as_string().c_str(), out);
    }
  }
}

}  // namespace

void StatisticsReplay::record(const Entry& entry) {
  ledger(entry);
  if (entry.first_delivery() && entry.order) order(entry);
  if (entry.topic == Topic::audit && entry.source == "notification-service") notification(entry);
}

void StatisticsReplay::ledger(const Entry& entry) {
  if (entry.first_delivery()) accepted_.insert(entry.id);
  if (entry.topic == Topic::orders_dlq) ends_.emplace(entry.cause, "gaveUp");
  if (entry.topic != Topic::audit || entry.source != "notification-service") return;
  if (entry.action == "NOTIFIED") ends_.emplace(entry.cause, "notified");
  if (entry.action == "DLQ") ends_.emplace(entry.cause, "gaveUp");
  if (entry.action == "DROPPED") ends_.emplace(entry.cause, "dropped");
}

void StatisticsReplay::order(const Entry& entry) {
  if (!seen_.insert(entry.id).second) return;
  const Order& order = entry.order->order;
  ++by_action_[std::string(to_string(entry.order->action))];
  if (entry.order->action != OrderAction::created) return;
  revenue_cents_ += order.total_cents();
  ++by_item_[order.item];
  const Record& record = *entry.record.record;
  const Timestamp ordered_at = believed_time(entry.order->timestamp, record);
  ++by_minute_[std::string(to_iso_millis(std::chrono::floor<std::chrono::minutes>(ordered_at)))];
  created_.emplace(entry.id, believed_time(entry.time, record));
}

void StatisticsReplay::notification(const Entry& entry) {
  if (!seen_.insert(entry.id).second) return;
  ++by_notification_[entry.action];
  if (entry.action == "NOTIFIED") notified_.emplace(entry.cause, believed_time(entry.time, *entry.record.record));
}

std::map<std::string, double> StatisticsReplay::expected() const {
  std::map<std::string, double> figures;
  const auto count = [](const std::map<std::string, std::int64_t>& counts, const char* name) {
    const auto found = counts.find(name);
    return found == counts.end() ? 0.0 : static_cast<double>(found->second);
  };
  for (const char* action : {"created", "updated", "deleted"})
    figures[std::string(".orders.") + action] = count(by_action_, action);
  figures[".revenue"] = static_cast<double>(revenue_cents_) / 100;
  const double notified = count(by_notification_, "NOTIFIED");
  const double ended = notified + count(by_notification_, "DLQ") + count(by_notification_, "DROPPED");
  figures[".notifications.notified"] = notified;
  figures[".notifications.retries"] = count(by_notification_, "RETRY");
  figures[".notifications.deadLettered"] = count(by_notification_, "DLQ");
  figures[".notifications.dropped"] = count(by_notification_, "DROPPED");
  if (ended > 0) figures[".notifications.successRate"] = std::round(notified / ended * 10'000) / 10'000;
  double pairs = 0;
  double micros = 0;
  for (const auto& [event, time] : created_) {
    const auto found = notified_.find(event);
    if (found == notified_.end()) continue;
    ++pairs;
    micros += static_cast<double>(std::max<std::int64_t>(0, (found->second - time).count()));
  }
  figures[".timeToNotified.count"] = pairs;
  figures[".timeToNotified.meanMs"] = pairs > 0 ? std::round(micros / pairs) / 1'000 : 0;
  if (by_item_.size() <= items_shown)  // more are shown in part
    for (const auto& [item, orders] : by_item_) figures[".items." + item] = static_cast<double>(orders);
  if (by_minute_.size() <= minutes_shown)
    for (const auto& [minute, orders] : by_minute_) figures[".perMinute." + minute] = static_cast<double>(orders);
  return figures;
}

std::map<std::string, double> StatisticsReplay::expected_ledger() const {
  std::map<std::string, double> figures;
  for (const char* name : {"notified", "gaveUp", "dropped", "waiting"}) figures[std::string(".ledger.") + name] = 0;
  figures[".ledger.accepted"] = static_cast<double>(accepted_.size());
  for (const std::string& event : accepted_) {
    const auto end = ends_.find(event);
    ++figures[".ledger." + (end == ends_.end() ? std::string("waiting") : end->second)];
  }
  return figures;
}

void StatisticsReplay::check(const json::object& figures) const {
  std::map<std::string, double> shown;
  flatten(figures, "", shown);
  compare(shown, expected());
  if (figures.contains("ledger")) compare(shown, expected_ledger());
}

void StatisticsReplay::compare(const std::map<std::string, double>& shown,
                               const std::map<std::string, double>& expected) const {
  for (const auto& [path, value] : expected) {
    const auto found = shown.find(path);
    if (found == shown.end())
      report_.add("statistics", fmt::format("analytics does not show {}, which is {}", path.substr(1), value));
    else if (std::abs(found->second - value) > 0.002)
      report_.add("statistics",
                  fmt::format("analytics shows {} = {}, a replay counts {}", path.substr(1), found->second, value));
  }
}

}  // namespace foodorder::verify
