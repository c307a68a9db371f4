#include "detector.hpp"

#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_headers.hpp"

namespace foodorder::fraud {

Detector::Detector(std::size_t partitions, const Limits& limits, Duration grace, std::size_t held_max)
    : limits_(limits), grace_(grace), window_(limits.window), buffer_(partitions, grace, held_max) {}

Detector::Read Detector::read(const ConsumerRecord& record, Timestamp now) {
  const Record& body = *record.record;
  const std::int32_t partition = record.position.tp.partition;
  // A clock that runs ahead, or a foreign record, may have it logged in the future: that would hold up all others.
  const Timestamp latest = now + grace_;
  const Timestamp time = std::min(believed_time(event_time(body), body), latest);
  // A retry is an event of long ago: it says nothing about how far the partition has been read.
  if (is_retry(body)) return Read::skipped;
  const Result<OrderEvent>& event = order_event(record);
  if (!event || event->action != OrderAction::created) {
    buffer_.pass(partition, time);
    return event ? Read::skipped : Read::unparsable;
  }
  const Order& order = event->order;
  // The window would never forget an order of next year.
  const Timestamp at = std::min(believed_time(event->timestamp, body), latest);
  std::optional<Pending> late = buffer_.push(partition, record.position.offset, time,
                                             Pending(record, order.id, order.customer_name, order.total_cents(), at));
  if (late) {
    ++late_count_;
    late_.push_back(std::move(*late));
  }
  return Read::queued;
}

std::optional<Judged> Detector::next() {
  std::optional<Pending> pending;
  if (!late_.empty()) {
    pending = std::move(late_.front());
    late_.pop_front();
  } else {
    pending = buffer_.pop();
  }
  if (!pending) return {};
  Judged judged(pending->record);
  window_.advance(pending->at);
  const auto counts = window_.add(event_key(pending->record), pending->customer, pending->at);
  if (!counts) return judged;
  Verdict& verdict = judged.verdict.emplace();
  verdict.alerts = judge(pending->customer, pending->total_cents, *counts, limits_);
  verdict.counts = *counts;
  verdict.order_id = std::move(pending->order_id);
  verdict.customer = std::move(pending->customer);
  return judged;
}

}  // namespace foodorder::fraud
