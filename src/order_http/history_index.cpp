#include "history_index.hpp"

#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/topics.hpp"

#include <algorithm>
#include <functional>

namespace foodorder::order {

namespace {

std::size_t hash_of(std::string_view order_id) { return std::hash<std::string_view>()(order_id); }

/// The order that a body tells of, where the key need not say so: on `orders` and `orders-dlq`, and without a key.
std::string_view order_in_body(const ConsumerRecord& record) {
  const std::string& topic = record.position.tp.topic;
  if (topic == topics::orders || topic == topics::orders_dlq) {
    const Result<OrderEvent>& event = order_event(record);
    return event ? std::string_view(event->order.id) : std::string_view();
  }
  if (record.record->key()) return {};
  const Result<EventHead>& head = event_head(record);
  return head && head->order_id ? std::string_view(*head->order_id) : std::string_view();
}

}  // namespace

bool tells_of(const ConsumerRecord& record, std::string_view order_id) {
  const Record& content = *record.record;
  if (content.key() == order_id) return true;
  // Few bodies hold the id at all: only those are parsed.
  return content.value() && content.value()->find(order_id) != std::string::npos && order_in_body(record) == order_id;
}

void HistoryIndex::add(const ConsumerRecord& record, std::size_t slot) {
  if (record.position.offset < floor_[slot]) return;
  const Record::Bytes key = record.record->key();
  const std::string_view other = order_in_body(record);
  if (key) add(record, slot, *key);
  if (!other.empty() && other != key) add(record, slot, other);
  while (entries_.size() > records_max_ || bytes_ > max_bytes) forget_oldest();
}

void HistoryIndex::add(const ConsumerRecord& record, std::size_t slot, std::string_view order_id) {
  entries_.push_back(Entry{record.record, record.position.offset, slot, size_in_bytes(*record.record)});
  hashes_.push_back(hash_of(order_id));
  bytes_ += entries_.back().bytes;
}

void HistoryIndex::forget_oldest() {
  const Entry& oldest = entries_.front();
  floor_[oldest.slot] = oldest.offset + 1;
  bytes_ -= oldest.bytes;
  entries_.pop_front();
  hashes_.pop_front();
}

std::vector<ConsumerRecord> HistoryIndex::find(std::string_view order_id, std::size_t slot, std::int64_t offset) const {
  std::vector<ConsumerRecord> found;
  const std::size_t wanted = hash_of(order_id);
  for (auto hash = std::find(hashes_.begin(), hashes_.end(), wanted); hash != hashes_.end();
       hash = std::find(hash + 1, hashes_.end(), wanted)) {
    const Entry& entry = entries_[static_cast<std::size_t>(hash - hashes_.begin())];
    if (entry.slot != slot || entry.offset < offset) continue;
    ConsumerRecord record(Position(slots_.partition(slot), entry.offset), entry.record);
    if (tells_of(record, order_id)) found.push_back(std::move(record));
  }
  return found;
}

}  // namespace foodorder::order
