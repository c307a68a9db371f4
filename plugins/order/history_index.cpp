#include "history_index.hpp"

#include <algorithm>
#include <functional>

namespace foodorder::order {

namespace {

std::size_t hash_of(std::string_view key) { return std::hash<std::string_view>()(key); }

}  // namespace

void HistoryIndex::add(const ConsumerRecord& record) {
  const auto slot = slot_of(record.position.tp);
  if (!slot || !record.record->key || record.position.offset < floor_[*slot]) return;
  entries_.push_back(Entry{record.record, record.position.offset, *slot, size_in_bytes(*record.record)});
  hashes_.push_back(hash_of(*record.record->key));
  bytes_ += entries_.back().bytes;
  while (entries_.size() > records_max_ || bytes_ > max_bytes) forget_oldest();
}

void HistoryIndex::forget_oldest() {
  const Entry& oldest = entries_.front();
  floor_[oldest.slot] = oldest.offset + 1;
  bytes_ -= oldest.bytes;
  entries_.pop_front();
  hashes_.pop_front();
}

std::vector<ConsumerRecord> HistoryIndex::find(std::string_view key, std::size_t slot, std::int64_t offset) const {
  std::vector<ConsumerRecord> found;
  const std::size_t wanted = hash_of(key);
  for (auto hash = std::find(hashes_.begin(), hashes_.end(), wanted); hash != hashes_.end();
       hash = std::find(hash + 1, hashes_.end(), wanted)) {
    const Entry& entry = entries_[static_cast<std::size_t>(hash - hashes_.begin())];
    if (entry.slot == slot && entry.offset >= offset && *entry.record->key == key)
      found.emplace_back(Position(slot_partition(slot), entry.offset), entry.record);
  }
  return found;
}

}  // namespace foodorder::order
