#include "order_ledger.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::analytics {

OrderLedger::End* OrderLedger::Ends::find(const EventKey& event) {
  const auto found = ends_.find(event);
  return found == ends_.end() ? nullptr : &found->second;
}

void OrderLedger::Ends::put(const EventKey& event, End end) {
  if (!ends_.emplace(event, end).second) return;
  order_.push_back(event);
  if (order_.size() <= ended_max) return;
  ends_.erase(order_.front());
  order_.pop_front();
}

void OrderLedger::delivery(const EventKey& event, const Place& at, bool retry) {
  if (const auto found = waiting_.find(event); found != waiting_.end()) {
    found->second.offset = std::max(found->second.offset, at.offset);
    return;
  }
  if (retry) return;
  if (End* end = ends_.find(event)) {
    if (end->accepted) return;
    end->accepted = true;
    ++accepted_;
    return count(end->outcome);
  }
  if (waiting_.size() >= waiting_max) {
    ++uncounted_;
    return;
  }
  ++accepted_;
  waiting_.emplace(event, at);
  ++waiting_by_partition_[at.partition];
}

void OrderLedger::report(const EventKey& report, const EventKey& cause, std::string_view action) {
  const bool ends = action == "NOTIFIED" || action == "DLQ" || action == "DROPPED";
  if (!ends && action != "RETRY") return;
  if (!reports_.insert(report)) {
    ++done_twice_;
    return;
  }
  if (action == "NOTIFIED") ended(cause, Outcome::notified, true);
  if (action == "DLQ") ended(cause, Outcome::gave_up, true);
  if (action == "DROPPED") ended(cause, Outcome::dropped, true);
}

void OrderLedger::letter(const EventKey& letter, const EventKey& cause, bool unparsable) {
  if (unparsable && !reports_.insert(letter))
    ++done_twice_;
  else
    ended(cause, Outcome::gave_up, unparsable);
}

/// The first outcome counts. Another one comes where the fail rate was changed between two deliveries.
void OrderLedger::ended(const EventKey& event, Outcome outcome, bool reported) {
  if (End* end = ends_.find(event)) {
    if (reported && end->reported) ++done_twice_;
    end->reported = end->reported || reported;
    return;
  }
  const auto found = waiting_.find(event);
  const bool accepted = found != waiting_.end();
  if (accepted) {
    --waiting_by_partition_[found->second.partition];
    waiting_.erase(found);
    count(outcome);
  }
  ends_.put(event, End{outcome, accepted, reported});
}

void OrderLedger::committed(const std::map<std::int32_t, std::int64_t>& next) {
  lost_ = 0;
  lost_at_.clear();
  for (const auto& [event, place] : waiting_) {
    const auto at = next.find(place.partition);
    if (at == next.end() || place.offset >= at->second) continue;
    ++lost_;
    if (lost_at_.size() < lost_shown_max) lost_at_.push_back(place);
  }
}

json::object OrderLedger::figures() const {
  json::object figures;
  figures["accepted"] = accepted_;
  figures["notified"] = ended_count_[static_cast<std::size_t>(Outcome::notified)];
  figures["gaveUp"] = ended_count_[static_cast<std::size_t>(Outcome::gave_up)];
  figures["dropped"] = ended_count_[static_cast<std::size_t>(Outcome::dropped)];
  figures["waiting"] = waiting();
  json::array by_partition;
  for (const auto& [partition, count] : waiting_by_partition_) {
    by_partition.resize(std::max(by_partition.size(), static_cast<std::size_t>(partition) + 1), 0);
    by_partition[static_cast<std::size_t>(partition)] = count;
  }
  figures["waitingByPartition"] = std::move(by_partition);
  figures["lost"] = lost_;
  json::array lost_at;
  for (const Place& place : lost_at_) {
    const std::string text = fmt::format("p{}@{}", place.partition, place.offset);
    lost_at.emplace_back(text);
  }
  figures["lostAt"] = std::move(lost_at);
  figures["doneTwice"] = done_twice_;
  figures["uncounted"] = uncounted_;
  return figures;
}

}  // namespace foodorder::analytics
