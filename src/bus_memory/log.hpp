#pragma once

#include "settings.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace foodorder {

/// How far somebody has read, for the log to count what it removes before that.
struct ReadMark {
  std::int64_t unread_from = 0;
  std::int64_t removed_before_read = 0;
};

/// One partition: records by offset, the oldest first, with holes where compaction took some.
class MemoryLog {
 public:
  MemoryLog(const TopicSettings& settings, Cleanup cleanup) : settings_(settings), cleanup_(cleanup) {}

  /// Appends, and removes the oldest records while the log is over retention.bytes. The newest always stays, as Kafka's
  /// active segment does. Compacted logs are bounded as well: here a log is memory.
  std::int64_t append(std::shared_ptr<const Record> record, Timestamp now);

  /// Kafka's log start offset: moved by retention, not by compaction.
  [[nodiscard]] std::int64_t start_offset() const noexcept { return start_; }
  [[nodiscard]] std::int64_t end_offset() const noexcept { return end_; }
  [[nodiscard]] std::int64_t records() const noexcept { return records_; }
  [[nodiscard]] std::int64_t size_bytes() const noexcept { return bytes_; }

  /// Calls `take(offset, record)` from `from` on until it returns false, for that record is then not taken. Returns the
  /// offset to go on from.
  template <class Take>
  std::int64_t read(std::int64_t from, Take&& take) const {
    for (auto entry = at_or_after(from); entry != entries_.end(); ++entry)
      if (entry->record && !take(entry->offset, entry->record)) return entry->offset;
    return end_;
  }

  /// The offset that a place means; offsets are clamped into the log.
  [[nodiscard]] std::int64_t resolve(Where where) const;

  /// From now on removals are counted for `mark`, until it is taken off.
  void watch(ReadMark& mark) { marks_.push_back(&mark); }
  void unwatch(const ReadMark& mark) { std::erase(marks_, &mark); }

  /// Called with each record that compaction takes away, and its bytes.
  using RemovalWatch = std::function<void(std::int64_t offset, const Record& record, std::int64_t bytes)>;
  void watch_removals(const RemovalWatch& watch) { removal_watches_.push_back(&watch); }
  void unwatch_removals(const RemovalWatch& watch) { std::erase(removal_watches_, &watch); }

  /// Retention by time (counted from the append) and compaction, as far as they are due; looks at `records_max` records
  /// at most and returns how many it was. With busy() there is more to do at once.
  std::size_t housekeeping(Timestamp now, std::size_t records_max);
  [[nodiscard]] bool busy() const noexcept { return busy_; }

  /// The offset of the oldest record that housekeeping() waits for; the end of the log if it waits for none.
  [[nodiscard]] std::int64_t house_from() const noexcept {
    return cleanup_ == Cleanup::by_deletion ? start_ : dirty_to_;
  }
  /// When housekeeping() may next find something to do.
  [[nodiscard]] std::optional<Timestamp> house_due() const;

  /// Starts a compaction of everything, the active segment included; housekeeping() carries it out.
  void start_compaction();

 private:
  struct Entry {
    Entry(std::int64_t at, std::shared_ptr<const Record> what, Timestamp when, std::int64_t size)
        : offset(at), record(std::move(what)), appended(when), bytes(size) {}

    std::int64_t offset;
    std::shared_ptr<const Record> record;  ///< none: compacted away, the entry waits for squeeze()
    Timestamp appended;
    std::int64_t bytes;
  };
  struct Tombstone {
    std::int64_t offset;
    Timestamp appended;
  };
  using Entries = std::deque<Entry>;

  [[nodiscard]] Entries::const_iterator at_or_after(std::int64_t offset) const;
  [[nodiscard]] Entries::iterator at_or_after(std::int64_t offset);
  [[nodiscard]] std::int64_t first_at(Timestamp time) const;

  void remove_oldest();
  void forget(Entry& entry);
  std::size_t expire(Timestamp now, std::size_t records_max);

  [[nodiscard]] Duration active_for() const;
  void roll(Timestamp now);
  [[nodiscard]] bool compaction_due(Timestamp now) const;
  std::size_t compact(std::size_t records_max);
  void replace_last_of_key(const Entry& entry);
  std::size_t drop_tombstones(Timestamp now, std::size_t records_max);
  void squeeze();

  const TopicSettings& settings_;
  const Cleanup cleanup_;
  Entries entries_;
  std::int64_t start_ = 0;
  std::int64_t end_ = 0;
  std::int64_t records_ = 0;
  std::int64_t bytes_ = 0;
  Timestamp newest_{};
  bool in_time_order_ = true;
  bool busy_ = false;
  std::vector<ReadMark*> marks_;
  std::vector<const RemovalWatch*> removal_watches_;

  // Compaction. Offsets split the log: compacted | dirty | active segment. The first part has one record a key, known
  // by last_of_key_, so that a pass looks at the dirty part only, however long the log is.
  std::int64_t compacted_to_ = 0;
  std::int64_t dirty_to_ = 0;
  std::int64_t compacted_bytes_ = 0;
  std::int64_t dirty_bytes_ = 0;
  std::int64_t pass_to_ = 0;
  std::unordered_map<std::string_view, std::int64_t> last_of_key_;  ///< views into the records that are kept
  std::deque<Tombstone> tombstones_;                                ///< of the compacted part
};

}  // namespace foodorder
