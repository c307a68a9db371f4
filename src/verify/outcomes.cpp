#include "outcomes.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder::verify {

namespace {

constexpr std::int64_t retries_max = 2;
constexpr std::string_view order_service = "order-service";
constexpr std::string_view notification_service = "notification-service";
constexpr std::string_view fraud_service = "fraud-service";
constexpr std::string_view analytics_service = "analytics-service";
constexpr std::string_view check_skipped = "FRAUD_CHECK_SKIPPED";
constexpr std::string_view retry_refused = "Retry refused: ";

/// The topic that has refused a record for good, where `entry` is the letter that stands in its place; nothing for a
/// letter of an order.
std::optional<std::string_view> refused_by(const Entry& entry) {
  if (entry.topic != Topic::orders_dlq) return {};
  const auto from = find_header(entry.record.record->headers, headers::dlt_original_topic);
  return from && *from != topics::orders ? from : std::nullopt;
}

/// Key and value, which a retry keeps.
std::uint64_t content_of(const Entry& entry) {
  return stable_hash(entry.value().value_or(""), stable_hash(entry.key().value_or("")));
}

}  // namespace

void Outcomes::record(const Entry& entry) {
  if (entry.topic == Topic::other) return;
  if (const auto topic = refused_by(entry)) return letter_in_place(entry, *topic);
  identity(entry);
  if (entry.topic == Topic::orders) return delivery(entry);
  if (entry.topic == Topic::audit) return audit(entry);
  const auto cause = events_.find(entry.cause);
  if (cause == events_.end()) return;  // not ours, or a correction
  if (entry.topic == Topic::order_status) cause->second.status = true;
  if (entry.topic != Topic::orders_dlq) return;
  cause->second.letter = true;
  ++cause->second.letters;
  const auto reason = find_header(entry.record.record->headers, headers::dlt_exception_message);
  cause->second.retry_refused = reason && reason->view().starts_with(retry_refused);
}

/// It tells what the refused record tells, but nothing of its order.
void Outcomes::letter_in_place(const Entry& entry, std::string_view topic) {
  const auto cause = events_.find(entry.cause);
  if (cause == events_.end()) return;
  if (topic == topics::order_status) cause->second.status = true;
  if (topic == topics::audit) audit(entry);
}

// ------------------------------------------------------------------------------------------------ deliveries

void Outcomes::delivery(const Entry& entry) {
  const Position& at = entry.record.position;
  const auto [found, first] = events_.try_emplace(entry.id);
  Event& event = found->second;
  deliveries_[at.tp.partition].emplace_back(at.offset, entry.id, entry.retries);
  if (entry.retries == 0 && event.first_contents.empty()) event.first = at;
  if (first) {
    event_ids_.push_back(entry.id);
    event.first = at;
    event.readable = entry.order.has_value();
    event.created = event.readable && entry.order->action == OrderAction::created;
    event.judged = lone_copies_.erase(entry.id) > 0;  // its verdict came first
    if (event.readable) event.order_id = entry.order->order.id;
    if (event.readable && terms_.calls) event.order = to_json(entry.order->order);
  }
  const auto own_id = find_header(entry.record.record->headers, headers::ce_id);
  const bool repeats = entry.retries > 0 && own_id && !own_id->view().empty();  // a retry of ours names what it repeats
  if (repeats) {
    retry(entry, event);
  } else {
    event.begins_at = entry.retries;
    event.first_contents.insert(content_of(entry));
  }
  event.deliveries.insert(entry.retries);
  if (entry.retries == 0 && find_header(entry.record.record->headers, headers::redrive_count)) ++event.redrives;
}

/// It may come before the delivery that it repeats, which can be in another partition: both are compared at the end.
void Outcomes::retry(const Entry& entry, Event& event) {
  if (entry.retries > retries_max && terms_.fail_mode != "retry-forever")
    report_.add("attempts", fmt::format("{} is delivery {} of its event", entry.place(), entry.retries + 1));
  event.retries.emplace_back(entry.place(), entry.retries, content_of(entry));
}

void Outcomes::finish_retries(const Event& event) {
  for (const Retry& retry : event.retries) {
    if (!event.deliveries.contains(retry.count - 1))
      report_.add("attempts", fmt::format("{} has retryCount {}, but the event was never delivered with {}",
                                          retry.place, retry.count, retry.count - 1));
    if (!event.first_contents.empty() && !event.first_contents.contains(retry.content))
      report_.add("attempts", fmt::format("{} has another key or value than {}", retry.place, place_of(event.first)));
  }
}

// --------------------------------------------------------------------------------------------------- audit

void Outcomes::audit(const Entry& entry) {
  if (entry.source != order_service && entry.source != notification_service && entry.source != fraud_service &&
      entry.source != analytics_service)
    return;
  const auto cause = events_.find(entry.cause);
  const bool blocked = terms_.job_queue && entry.source == fraud_service && entry.body.contains("blocked");
  if (cause == events_.end() && blocked) return;  // there is no order
  if (cause == events_.end() && terms_.calls && entry.source == fraud_service) {
    lone_copies_.insert(entry.cause);
    return;
  }
  if (cause == events_.end())
    return report_.add("identity", fmt::format("{} ({} {}) follows from no event on orders", entry.place(),
                                               entry.source, entry.action));
  Event& event = cause->second;
  if (entry.order_id != event.order_id)
    report_.add("identity", fmt::format("{} tells of another order than its cause", entry.place()));
  if (entry.source == notification_service) return notification(entry, event);
  if (entry.source == fraud_service) {
    event.judged = true;
  } else if (entry.source == analytics_service) {
    event.counted = true;
  } else {
    order_service_said(entry, event);
  }
}

void Outcomes::order_service_said(const Entry& entry, Event& event) {
  if (entry.action == check_skipped) {
    event.judged = true;  // in place of the verdict that nobody gave
    return;
  }
  if (!event.on_audit) in_order(entry, event);
  event.on_audit = true;
  if (!terms_.calls) return;
  const json::value* copy = entry.body.if_contains("order");
  if (!copy || *copy != parse_json(event.order).value())
    report_.add("copies", fmt::format("{} has another order than {}", entry.place(), place_of(event.first)));
}

void Outcomes::notification(const Entry& entry, Event& event) {
  unsigned& outcome = event.outcome[entry.retries];
  if (entry.action == "NOTIFIED") {
    if (entry.retries == 0 && outcome == 0) in_order(entry, event);
    outcome |= notified;
  }
  if (entry.action == "RETRY") outcome |= retried;
  if (entry.action == "DLQ") outcome |= dead_lettered;
  if (entry.action == "DROPPED") outcome |= dropped;
  const bool gives_up = entry.action == "DLQ" || entry.action == "DROPPED";
  if (gives_up && entry.retries != retries_max &&
      !(terms_.job_queue && entry.body.contains("reason")))  // a job that ended its workers
    event.ended_early =
        fmt::format("{}: {} after {} retries, not {}", entry.place(), entry.action, entry.retries, retries_max);
}

/// A service's first records about the events of one order in one partition come in the order of those events.
void Outcomes::in_order(const Entry& entry, const Event& event) {
  if (entry.topic != Topic::audit || terms_.calls) return;  // a letter in its place, or logs of their own
  const std::string whose = fmt::format("{} {} {}", entry.source, event.first.tp.partition, event.order_id);
  std::int64_t& last = last_in_order_.try_emplace(whose, -1).first->second;
  if (event.first.offset < last)
    report_.add("order", fmt::format("{}: {} of {} comes after that of {}@{}", entry.place(), entry.action,
                                     place_of(event.first), event.first.tp.topic, last));
  last = std::max(last, event.first.offset);
}

/// One work, one ce_id, however often it was done.
void Outcomes::identity(const Entry& entry) {
  std::string work;
  if (entry.topic == Topic::orders) {
    if (!entry.order) return;
    const std::string& order = entry.order->order.id;
    work = fmt::format("{} {}", to_string(entry.order->action), order);
    // Once it is deleted, its Idempotency-Key may place it again, under an id that names the deletion.
    if (entry.order->action == OrderAction::deleted && entry.first_delivery())
      placed_again_.insert(uuid_from_name(fmt::format(
          "created {} after {}@{}", order, entry.record.position.tp.partition, entry.record.position.offset)));
    if (placed_again_.contains(entry.id)) work += " again as " + entry.id;
    if (terms_.job_queue && entry.order->action == OrderAction::deleted) id_of_.erase("created " + order);
  } else {
    if (entry.cause.empty()) return;
    work = fmt::format("{} {} {} {} of {}", entry.record.position.tp.topic, entry.source, entry.action, entry.retries,
                       entry.cause);
  }
  // An order is updated many times, but created once; strangers may create one as often as they like.
  const bool ours = find_header(entry.record.record->headers, headers::ce_source) == order_service;
  // A dead job that was started again may die again, after another number of retries, which its letter does not tell.
  const bool dead_again = terms_.job_queue && entry.topic == Topic::orders_dlq;
  if (!dead_again && (entry.topic != Topic::orders || (ours && entry.order->action == OrderAction::created))) {
    const auto id = id_of_.try_emplace(work, entry.id).first;
    if (id->second != entry.id)
      report_.add("identity", fmt::format("{}: the same work ({}) stands under another ce_id", entry.place(), work));
  }
  const auto known = work_of_.try_emplace(entry.id, work).first;
  if (known->second != work)
    report_.add("identity", fmt::format("{}: its ce_id stands for another work, {}", entry.place(), known->second));
}

// ------------------------------------------------------------------------------------------------- commits

void Outcomes::committed(std::string_view group, const Position& next) {
  if (next.tp.topic != "orders") return;
  const auto deliveries = deliveries_.find(next.tp.partition);
  if (deliveries == deliveries_.end()) return;
  std::size_t& looked_at = checked_[fmt::format("{} {}", group, next.tp.partition)];
  for (; looked_at < deliveries->second.size(); ++looked_at) {
    const Delivery& delivery = deliveries->second[looked_at];
    if (delivery.offset >= next.offset) break;
    const std::string what = missing(group, delivery);
    if (!what.empty())
      report_.add("commit", fmt::format("{} has committed {}-{}@{}, but @{} lacks {}", group, next.tp.topic,
                                        next.tp.partition, next.offset, delivery.offset, what));
  }
}

/// The record that `group` owes for a delivery and that is not in the log.
std::string Outcomes::missing(std::string_view group, const Delivery& delivery) const {
  const Event& event = events_.at(delivery.event);
  if (group == "notification-group") {
    if (!event.readable) return event.letter ? "" : "its dead letter";
    const auto said = [&](std::int64_t count) {
      const auto found = event.outcome.find(count);
      return found == event.outcome.end() ? 0U : found->second;
    };
    if ((said(delivery.retries + 1) & retried) != 0)
      return event.deliveries.contains(delivery.retries + 1) ? "" : "the retry that audit tells of";
    const unsigned ended = said(delivery.retries) & ~static_cast<unsigned>(retried);
    if (ended == 0) return "an outcome on audit";
    return (ended & dead_lettered) != 0 && !event.letter ? "its dead letter" : "";
  }
  if (delivery.retries > 0 || !event.readable) return "";
  if (group == "order-group")
    return !event.on_audit ? "its audit event" : event.status || status_compacted_ ? "" : "its order-status";
  if (group == "fraud-group") return event.created && !event.judged ? "a verdict" : "";
  if (group == "analytics-group") return event.counted ? "" : "the statistics that follow";
  return "";
}

// -------------------------------------------------------------------------------------------------- the end

void Outcomes::finish(bool settled) {
  for (const std::string& id : event_ids_) finish_event(id, events_.at(id), settled);
}

void Outcomes::finish_event(const std::string& id, const Event& event, bool settled) {
  const std::string who = fmt::format("{} ({})", id, place_of(event.first));
  finish_retries(event);
  if (!event.deliveries.contains(event.begins_at))
    report_.add("attempts", fmt::format("{} was never delivered first", who));
  if (!event.readable) {
    if (settled && !event.letter) report_.add("one-outcome", fmt::format("{} cannot be read; no dead letter", who));
    return;
  }
  if (!event.ended_early.empty() && !event.retry_refused) report_.add("attempts", event.ended_early);
  unsigned ends = 0;
  int outcomes = 0;
  for (const auto& [count, said] : event.outcome) {
    ends |= said;
    for (const unsigned one : {notified, dead_lettered, dropped}) outcomes += (said & one) != 0 ? 1 : 0;
    if ((said & retried) != 0 && settled && !terms_.job_queue && !event.deliveries.contains(count))
      report_.add("attempts", fmt::format("{}: audit tells of retry {}, which is not on orders", who, count));
  }
  const int again = terms_.job_queue ? event.letters : 0;  // dead jobs that may have been started again
  if (outcomes > 1 + again + event.redrives)
    report_.add("one-outcome", fmt::format("{} has {} outcomes", who, outcomes));
  if (!settled) return;
  if (outcomes == 0) not_told("one-outcome", fmt::format("{} has no outcome", who));
  const bool told = (ends & dead_lettered) != 0;
  if (!told && event.letter && outcomes > 0)  // without any the same row is missing
    not_told("one-outcome", fmt::format("{}: audit and orders-dlq do not agree", who));
  else if (told && !event.letter)
    report_.add("one-outcome", fmt::format("{}: audit and orders-dlq do not agree", who));
  for (const std::int64_t count : event.deliveries)
    if (count > event.begins_at && (!event.outcome.contains(count) || (event.outcome.at(count) & retried) == 0))
      report_.add("attempts", fmt::format("{}: audit does not name retry {}", who, count));
  if (event.begins_at > 0) return;  // to the others a retry is nothing new
  if (!event.on_audit) not_told("derived", fmt::format("{}: order-service said nothing on audit", who));
  if (!event.counted && !terms_.job_queue)
    report_.add("derived", fmt::format("{}: analytics said nothing on audit", who));
  if (event.created && !event.judged) not_told("derived", fmt::format("{}: fraud's word is missing", who));
  if (!event.created && event.judged) report_.add("derived", fmt::format("{}: fraud's word is too many", who));
}

void Outcomes::not_told(std::string_view rule, std::string what) {
  if (terms_.calls && !terms_.outbox)
    gaps_.push_back(std::move(what));
  else
    report_.add(terms_.calls ? "gaps" : rule, std::move(what));
}

}  // namespace foodorder::verify
