// The compacting half of MemoryLog: Kafka's log cleaner (docs: "Log Compaction") for records in memory.
#include "log.hpp"

#include <algorithm>

namespace foodorder {

Duration MemoryLog::active_for() const {
  // Kafka rolls the active segment for either.
  return std::min(settings_.segment, settings_.compaction_lag_max.value_or(settings_.segment));
}

void MemoryLog::roll(Timestamp now) {
  for (auto entry = at_or_after(dirty_to_); entry != entries_.end() && entry->appended + active_for() <= now; ++entry) {
    dirty_to_ = entry->offset + 1;
    dirty_bytes_ += entry->bytes;
  }
}

bool MemoryLog::compaction_due(Timestamp now) const {
  if (compacted_to_ >= dirty_to_ || dirty_bytes_ == 0) return false;
  const double ratio = static_cast<double>(dirty_bytes_) / static_cast<double>(dirty_bytes_ + compacted_bytes_);
  if (ratio >= settings_.cleanable_dirty_ratio_min) return true;
  return settings_.compaction_lag_max && at_or_after(compacted_to_)->appended + *settings_.compaction_lag_max <= now;
}

void MemoryLog::start_compaction() {
  for (auto entry = at_or_after(dirty_to_); entry != entries_.end(); ++entry) dirty_bytes_ += entry->bytes;
  dirty_to_ = end_;
  pass_to_ = end_;
  busy_ = compacted_to_ < pass_to_;
}

std::size_t MemoryLog::compact(std::size_t records_max) {
  std::size_t seen = 0;
  for (auto entry = at_or_after(compacted_to_);
       entry != entries_.end() && entry->offset < pass_to_ && seen < records_max; ++entry, ++seen) {
    dirty_bytes_ -= entry->bytes;
    compacted_bytes_ += entry->bytes;
    compacted_to_ = entry->offset + 1;
    replace_last_of_key(*entry);
    if (!entry->record->value()) tombstones_.push_back(Tombstone{entry->offset, entry->appended});
  }
  return seen;
}

void MemoryLog::replace_last_of_key(const Entry& entry) {
  const std::string_view key = *entry.record->key();
  const auto [place, first] = last_of_key_.try_emplace(key, entry.offset);
  if (first) return;
  Entry& older = *at_or_after(place->second);
  // The map's key is a view into the older record: it moves to the newer one before that goes.
  auto node = last_of_key_.extract(place);
  node.key() = key;
  node.mapped() = entry.offset;
  last_of_key_.insert(std::move(node));
  forget(older);
}

std::size_t MemoryLog::drop_tombstones(Timestamp now, std::size_t records_max) {
  std::size_t seen = 0;
  for (; seen < records_max && !tombstones_.empty(); ++seen) {
    const Tombstone& oldest = tombstones_.front();
    if (oldest.appended + settings_.delete_retention > now) break;
    const auto entry = at_or_after(oldest.offset);
    if (entry != entries_.end() && entry->offset == oldest.offset && entry->record) forget(*entry);
    tombstones_.pop_front();
  }
  return seen;
}

void MemoryLog::squeeze() {
  // Only when most entries are empty: then the cost of moving the others is paid for by those that went.
  constexpr std::size_t entries_min = 64;
  if (entries_.size() < entries_min || static_cast<std::size_t>(records_) * 2 > entries_.size()) return;
  std::erase_if(entries_, [](const Entry& entry) { return !entry.record; });
}

}  // namespace foodorder
