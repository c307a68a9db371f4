#include "event_ring.hpp"

#include "sse_text.hpp"

namespace foodorder::order {

namespace {

/// The record and the text made of it.
std::size_t cost_in_bytes(const EventRing::Entry& entry) {
  constexpr std::size_t overhead = 256;
  return overhead + (entry.record ? 2 * size_in_bytes(*entry.record->record) : 0);
}

}  // namespace

void EventRing::take(const ConsumerRecord& record) {
  const auto slot = slots_.find(record.position.tp);
  if (!slot || *slot >= slots_.shown() || record.position.offset < next_[*slot]) return;
  next_[*slot] = record.position.offset + 1;
  if (!is_relayed(record)) return;
  Entry entry;
  entry.record = record;
  entry.slot = *slot;
  entry.next = next_;
  push(std::move(entry));
}

void EventRing::heartbeat() {
  Entry entry;
  entry.next = next_;
  push(std::move(entry));
}

void EventRing::push(Entry entry) {
  entry.bytes = cost_in_bytes(entry);
  bytes_ += entry.bytes;
  ring_.push_back(std::move(entry));
  while (ring_.size() > ring_max_events_ || (bytes_ > ring_max_bytes && ring_.size() > 1)) pop();
}

void EventRing::pop() {
  const Entry& oldest = ring_.front();
  bytes_ -= oldest.bytes;
  if (oldest.record) floor_[oldest.slot] = oldest.record->position.offset + 1;
  ring_.pop_front();
  ++first_;
}

void EventRing::close() {
  closed_ = true;
  wake();
}

http::Chunk EventRing::chunk(std::uint64_t number) {
  Entry& entry = ring_[number - first_];
  if (!entry.chunk) {
    const std::string id = event_id(entry.next);
    entry.chunk = std::make_shared<const std::string>(
        entry.record ? event_text(id, slots_.event_type(entry.slot), *entry.record) : heartbeat_text(id));
  }
  return entry.chunk;
}

}  // namespace foodorder::order
