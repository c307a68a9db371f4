#include "figures.hpp"

#include <cmath>

namespace foodorder::database {

namespace {

constexpr std::int64_t items_shown = 10;
constexpr std::int64_t minutes_shown = 10;
constexpr std::int64_t alerts_shown = 20;
constexpr std::int64_t minute_micros = 60'000'000;
// The last minute is counted in steps, as analytics has them.
constexpr auto step = std::chrono::seconds(10);

std::int64_t count_of(Connection& connection, const char* action) {
  return number_of(connection, "SELECT count(*) FROM audit WHERE action = ?", action);
}

/// A dead job that was started again has its retries and its end told once more: each counts once.
bool has_started_again(Connection& connection) {
  return number_of(connection, "SELECT count(*) FROM dead_jobs WHERE retried = 1") > 0;
}

std::int64_t count_retries(Connection& connection) {
  if (!has_started_again(connection)) return count_of(connection, "RETRY");
  return number_of(connection,
                   "SELECT count(*) FROM (SELECT DISTINCT cause_id, retry_count FROM audit WHERE action = 'RETRY')");
}

/// Ends of events that had not ended before as dead jobs.
std::int64_t count_first_ends(Connection& connection, const char* action) {
  const std::int64_t all = count_of(connection, action);
  if (!has_started_again(connection)) return all;
  return all - number_of(connection,
                         "SELECT count(*) FROM audit WHERE action = ? AND cause_id IN (SELECT event_id FROM dead_jobs)",
                         action);
}

double millis(double micros) { return std::round(micros) / 1'000; }

json::array top_items(Connection& connection, std::int64_t& shown) {
  json::array items;
  Query query(connection,
              "SELECT placed_item, count(*) AS n FROM orders GROUP BY placed_item ORDER BY n DESC, placed_item LIMIT ?",
              items_shown);
  while (query.next()) {
    json::object item;
    item["item"] = query.text(0);
    item["orders"] = query.number(1);
    shown += query.number(1);
    items.push_back(std::move(item));
  }
  return items;
}

json::array per_minute(Connection& connection) {
  json::array minutes;
  Query query(
      connection,
      "SELECT * FROM (SELECT created_at / 60000000 AS minute, count(*) FROM orders GROUP BY minute ORDER BY minute "
      "DESC LIMIT ?) ORDER BY minute",
      minutes_shown);
  while (query.next()) {
    json::object minute;
    minute["minute"] = to_iso_millis(Timestamp(Duration(query.number(0) * minute_micros))).view();
    minute["orders"] = query.number(1);
    minutes.push_back(std::move(minute));
  }
  return minutes;
}

/// The value below which that share of `count` values lies.
std::int64_t rank(std::int64_t count, double share) {
  return std::max<std::int64_t>(static_cast<std::int64_t>(std::ceil(share * static_cast<double>(count))) - 1, 0);
}

json::object time_to_notified(Connection& connection) {
  const std::int64_t count = number_of(connection, "SELECT count(*) FROM audit WHERE elapsed IS NOT NULL");
  const auto quantile = [&](double share) {
    return millis(static_cast<double>(
        number_of(connection, "SELECT elapsed FROM audit WHERE elapsed IS NOT NULL ORDER BY elapsed LIMIT 1 OFFSET ?",
                  rank(count, share))));
  };
  json::object times;
  times["count"] = count;
  Query mean(connection, "SELECT coalesce(avg(elapsed), 0) FROM audit WHERE elapsed IS NOT NULL");
  times["meanMs"] = mean.next() ? millis(mean.real(0)) : 0;
  times["p50Ms"] = quantile(0.5);
  times["p99Ms"] = quantile(0.99);
  return times;
}

json::object last_minute(Connection& connection, Timestamp now) {
  const Timestamp begin = std::chrono::floor<std::chrono::seconds>(now) -
                          std::chrono::floor<std::chrono::seconds>(now).time_since_epoch() % step - 5 * step;
  const std::int64_t count =
      number_of(connection, "SELECT count(*) FROM audit WHERE at >= ? AND elapsed IS NOT NULL", begin);
  const auto quantile = [&](double share) {
    return millis(static_cast<double>(
        number_of(connection,
                  "SELECT elapsed FROM audit INDEXED BY audit_by_time WHERE at >= ? AND elapsed IS NOT NULL ORDER BY "
                  "elapsed LIMIT 1 OFFSET ?",
                  begin, rank(count, share))));
  };
  json::object figures;
  figures["count"] = count;
  figures["p50Ms"] = quantile(0.5);
  figures["p99Ms"] = quantile(0.99);
  return figures;
}

}  // namespace

json::object statistics(Connection& connection, Timestamp now) {
  const std::int64_t created = count_of(connection, "created");
  const std::int64_t updated = count_of(connection, "updated");
  const std::int64_t deleted = count_of(connection, "deleted");
  const std::int64_t notified = count_of(connection, "NOTIFIED");
  const std::int64_t gave_up = number_of(connection, "SELECT count(DISTINCT event_id) FROM dead_jobs");
  const std::int64_t dead =
      number_of(connection, "SELECT count(*) FROM (SELECT DISTINCT event_id, retry_count FROM dead_jobs)");
  const std::int64_t dropped = count_of(connection, "DROPPED");
  const std::int64_t ended = notified + dead + dropped;
  const std::int64_t jobs = number_of(connection, "SELECT count(*) FROM jobs");
  std::int64_t in_items = 0;
  json::object figures;
  figures["orders"] = json::object{{"created", created}, {"updated", updated}, {"deleted", deleted}};
  figures["revenue"] =
      static_cast<double>(number_of(connection, "SELECT coalesce(sum(placed_cents), 0) FROM orders")) / 100;
  figures["items"] = top_items(connection, in_items);
  figures["otherItems"] = created - in_items;
  figures["perMinute"] = per_minute(connection);
  json::object notifications;
  notifications["notified"] = notified;
  notifications["retries"] = count_retries(connection);
  notifications["deadLettered"] = dead;
  notifications["dropped"] = dropped;
  notifications["successRate"] =
      ended == 0
          ? json::value()
          : json::value(std::round(static_cast<double>(notified) / static_cast<double>(ended) * 10'000) / 10'000);
  figures["notifications"] = std::move(notifications);
  figures["timeToNotified"] = time_to_notified(connection);
  figures["lastMinute"] = last_minute(connection, now);
  const std::int64_t accepted = created + updated + deleted;
  const std::int64_t first_notified = count_first_ends(connection, "NOTIFIED");
  const std::int64_t first_dropped = count_first_ends(connection, "DROPPED");
  const std::int64_t waiting = accepted - first_notified - gave_up - first_dropped;
  json::object ledger;
  ledger["accepted"] = accepted;
  ledger["notified"] = first_notified;
  ledger["gaveUp"] = gave_up;
  ledger["dropped"] = first_dropped;
  ledger["waiting"] = waiting;
  ledger["waitingByPartition"] = json::array();
  ledger["lost"] = std::max<std::int64_t>(0, waiting - jobs);
  ledger["lostAt"] = json::array();
  ledger["doneTwice"] = 0;  // an outcome and the end of its job are one transaction
  ledger["uncounted"] = 0;
  figures["ledger"] = std::move(ledger);
  return figures;
}

json::object fraud_figures(Connection& connection, Timestamp now, Duration window) {
  json::object windows;
  windows["windowMs"] = window / std::chrono::milliseconds(1);
  windows["customers"] =
      number_of(connection, "SELECT count(DISTINCT placed_by) FROM orders WHERE created_at > ?", now - window);
  windows["orders"] = number_of(connection, "SELECT count(*) FROM orders WHERE created_at > ?", now - window);
  json::object figures;
  figures["windows"] = std::move(windows);
  json::array alerts;
  Query query(connection, "SELECT body, at FROM audit WHERE action = 'FRAUD_ALERT' ORDER BY seq DESC LIMIT ?",
              alerts_shown);
  while (query.next()) {
    const auto body = parse_json(query.text(0));
    if (!body || !body->is_object() || !body->at("alerts").is_array()) continue;
    // Older orders in front, and of one order the gravest first.
    auto place = alerts.begin();
    for (const json::value& found : body->at("alerts").get_array()) {
      json::object alert{{"orderId", body->at("orderId")}, {"customerName", body->at("customerName")}};
      for (const char* name : {"type", "reason", "severity"}) alert[name] = found.at(name);
      alert["timestamp"] = to_iso_millis(query.time(1)).view();
      alert["blocked"] = body->get_object().contains("blocked");
      place = std::next(alerts.insert(place, std::move(alert)));
    }
  }
  while (alerts.size() > alerts_shown) alerts.erase(alerts.begin());
  figures["lastAlerts"] = std::move(alerts);
  figures["emitted"] = count_of(connection, "FRAUD_ALERT") + count_of(connection, "FRAUD_CHECK_PASSED");
  figures["late"] = 0;  // each order is judged when it is placed
  figures["waiting"] = 0;
  figures["blocked"] = number_of(connection, "SELECT n FROM counters WHERE name = 'blocked'");
  return figures;
}

}  // namespace foodorder::database
