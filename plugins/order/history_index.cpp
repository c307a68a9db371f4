#include "history_index.hpp"

namespace foodorder::order {

void HistoryIndex::add(const ConsumerRecord& record) {
  const auto slot = slot_of(record.position.tp);
  if (!slot || !record.record->key || record.position.offset < floor_[*slot]) return;
  const std::uint64_t number = first_ + entries_.size();
  entries_.push_back(Entry{record, *slot});
  bytes_ += size_in_bytes(*record.record);
  const auto [chain, added] = chains_.try_emplace(*record.record->key, Chain{number, number});
  if (!added) {
    entries_[chain->second.last - first_].next_of_key = number;
    chain->second.last = number;
  }
  while (entries_.size() > records_max_ || bytes_ > max_bytes) forget_oldest();
}

void HistoryIndex::forget_oldest() {
  const Entry& oldest = entries_.front();
  floor_[oldest.slot] = oldest.record.position.offset + 1;
  bytes_ -= size_in_bytes(*oldest.record.record);
  const auto chain = chains_.find(*oldest.record.record->key);
  if (oldest.next_of_key == 0)
    chains_.erase(chain);
  else
    chain->second.first = oldest.next_of_key;
  entries_.pop_front();
  ++first_;
}

std::vector<ConsumerRecord> HistoryIndex::find(std::string_view key, std::size_t slot, std::int64_t offset) const {
  std::vector<ConsumerRecord> found;
  const auto chain = chains_.find(std::string(key));
  if (chain == chains_.end()) return found;
  for (std::uint64_t number = chain->second.first; number != 0; number = at(number).next_of_key) {
    const Entry& entry = at(number);
    if (entry.slot == slot && entry.record.position.offset >= offset) found.push_back(entry.record);
  }
  return found;
}

}  // namespace foodorder::order
