#include "event_ring.hpp"

#include "sse_text.hpp"

namespace foodorder::order {

void EventRing::take(const ConsumerRecord& record, std::size_t slot) {
  if (slot >= slots_.shown() || record.position.offset < next_[slot]) return;
  next_[slot] = record.position.offset + 1;
  if (is_relayed(record)) push(&record, slot);
}

void EventRing::heartbeat() { push(nullptr, 0); }

void EventRing::push(const ConsumerRecord* record, std::size_t slot) {
  constexpr std::size_t overhead = 256;
  Entry& entry = ring_.emplace_back();
  if (record) entry.record = *record;
  entry.slot = slot;
  entry.next = next_;
  entry.bytes = overhead + (record ? size_in_bytes(*record->record) : 0);
  bytes_ += entry.bytes;
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

EventRing::Extent EventRing::text_extent(std::uint64_t first) const {
  const std::uint64_t last = std::min(end(), (first / text_max_events + 1) * text_max_events);
  Extent extent{first + 1, at(first).bytes};
  for (; extent.end < last && extent.bytes + at(extent.end).bytes <= text_max_bytes; ++extent.end)
    extent.bytes += at(extent.end).bytes;
  return extent;
}

http::Chunk EventRing::text_from(std::uint64_t& number) {
  const std::uint64_t first = number;
  const Extent extent = text_extent(first);
  number = extent.end;
  Text& known = texts_[first / text_max_events % texts_.size()];
  if (known.chunk && known.first == first && known.end == number) return known.chunk;
  TextBuffer text;
  text.reserve(extent.bytes);
  EventIdWriter ids(slots_, log_id_);
  for (std::uint64_t each = first; each < number; ++each) {
    const Entry& entry = at(each);
    const std::string_view id = ids.write(entry.next);
    if (entry.record)
      append_event(text, id, slots_.event_type(entry.slot), *entry.record);
    else
      text += heartbeat_text(id);
  }
  known = Text{first, number, http::make_chunk(std::move(text))};
  return known.chunk;
}

}  // namespace foodorder::order
