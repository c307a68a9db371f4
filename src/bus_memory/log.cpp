#include "log.hpp"

#include <algorithm>

namespace foodorder {

std::int64_t MemoryLog::append(std::shared_ptr<const Record> record, Timestamp now) {
  in_time_order_ = in_time_order_ && record->timestamp >= newest_;
  newest_ = std::max(newest_, record->timestamp);
  const auto size = static_cast<std::int64_t>(size_in_bytes(*record));
  entries_.emplace_back(end_, std::move(record), now, size);
  bytes_ += size;
  ++records_;
  const std::int64_t offset = end_++;
  while (settings_.retention_bytes && bytes_ > *settings_.retention_bytes && records_ > 1) remove_oldest();
  return offset;
}

MemoryLog::Entries::const_iterator MemoryLog::at_or_after(std::int64_t offset) const {
  if (entries_.empty() || offset <= entries_.front().offset) return entries_.begin();
  // Without holes the place is known; with some it is not behind that.
  const auto guess = std::min(offset - entries_.front().offset, static_cast<std::int64_t>(entries_.size()));
  const auto last = entries_.begin() + guess;
  if (last != entries_.end() && last->offset == offset) return last;
  return std::lower_bound(entries_.begin(), last, offset,
                          [](const Entry& entry, std::int64_t wanted) { return entry.offset < wanted; });
}

MemoryLog::Entries::iterator MemoryLog::at_or_after(std::int64_t offset) {
  return entries_.begin() + (std::as_const(*this).at_or_after(offset) - entries_.cbegin());
}

std::int64_t MemoryLog::first_at(Timestamp time) const {
  if (time > newest_) return end_;
  // CreateTime is the producers' word, so it may go back; mostly it does not.
  if (!in_time_order_ || cleanup_ == Cleanup::by_compaction) {
    const auto late = [&](const Entry& entry) { return entry.record && entry.record->timestamp >= time; };
    const auto first = std::find_if(entries_.begin(), entries_.end(), late);
    return first == entries_.end() ? end_ : first->offset;
  }
  const auto first = std::partition_point(entries_.begin(), entries_.end(),
                                          [&](const Entry& entry) { return entry.record->timestamp < time; });
  return first == entries_.end() ? end_ : first->offset;
}

std::int64_t MemoryLog::resolve(Where where) const {
  switch (where.kind) {
    case Where::Kind::beginning:
      return start_;
    case Where::Kind::end:
      return end_;
    case Where::Kind::offset:
      return std::clamp(where.value, start_, end_);
    case Where::Kind::time:
      return first_at(from_unix_millis(where.value));
  }
  return start_;
}

void MemoryLog::forget(Entry& entry) {
  for (const RemovalWatch* watch : removal_watches_) (*watch)(entry.offset, *entry.record, entry.bytes);
  bytes_ -= entry.bytes;
  --records_;
  if (entry.offset < compacted_to_) {
    compacted_bytes_ -= entry.bytes;
    const auto last = last_of_key_.find(*entry.record->key());
    if (last != last_of_key_.end() && last->second == entry.offset) last_of_key_.erase(last);
  } else if (entry.offset < dirty_to_) {
    dirty_bytes_ -= entry.bytes;
  }
  entry.record.reset();
}

void MemoryLog::remove_oldest() {
  Entry& oldest = entries_.front();
  if (oldest.record) {
    for (ReadMark* mark : marks_)
      if (oldest.offset >= mark->unread_from) ++mark->removed_before_read;
    forget(oldest);
  }
  start_ = oldest.offset + 1;
  entries_.pop_front();
}

std::size_t MemoryLog::expire(Timestamp now, std::size_t records_max) {
  std::size_t removed = 0;
  if (!settings_.retention) return removed;
  const auto expired = [&] { return !entries_.empty() && entries_.front().appended + *settings_.retention <= now; };
  for (; removed < records_max && expired(); ++removed) remove_oldest();
  busy_ = expired();
  return removed;
}

std::size_t MemoryLog::housekeeping(Timestamp now, std::size_t records_max) {
  if (cleanup_ == Cleanup::by_deletion) return expire(now, records_max);
  roll(now);
  if (pass_to_ <= compacted_to_ && compaction_due(now)) pass_to_ = dirty_to_;
  std::size_t seen = compact(records_max);
  seen += drop_tombstones(now, records_max - seen);
  squeeze();
  busy_ = compacted_to_ < pass_to_ || (!tombstones_.empty() && seen == records_max);
  return seen;
}

std::optional<Timestamp> MemoryLog::house_due() const {
  if (entries_.empty()) return {};
  if (cleanup_ == Cleanup::by_deletion) {
    if (!settings_.retention) return {};
    return entries_.front().appended + *settings_.retention;
  }
  std::optional<Timestamp> due;
  const auto consider = [&](Timestamp time) { due = due ? std::min(*due, time) : time; };
  if (!tombstones_.empty()) consider(tombstones_.front().appended + settings_.delete_retention);
  if (dirty_to_ < end_) consider(at_or_after(dirty_to_)->appended + active_for());
  if (settings_.compaction_lag_max && compacted_to_ < dirty_to_ && dirty_bytes_ > 0)
    consider(at_or_after(compacted_to_)->appended + *settings_.compaction_lag_max);
  return due;
}

}  // namespace foodorder
