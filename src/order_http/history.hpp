#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "history_index.hpp"

#include <deque>

namespace foodorder::order {

/// Reads every record about one order, in the order of their timestamps, merged from all partitions (of those on
/// `orders` it is that of WriteRank): from the index what is recent, from the log what is older, a bounded amount of it
/// a page.
class HistoryReader {
 public:
  /// Records of the log that one page may look through.
  static constexpr std::size_t scan_max_records = 20'000;

  /// `index` outlives it.
  HistoryReader(Admin& admin, const HistoryIndex& index, std::string order_id);

  struct Page {
    std::vector<ConsumerRecord> records;
    /// Where the next page begins; none at the end. It may be set though this page is empty.
    std::optional<SlotOffsets> next;
  };
  /// From these next offsets on.
  Task<Result<Page>> read(SlotOffsets from, std::size_t limit);

  /// Next offsets of the first records at or after `time` (the beginnings if there is none given).
  Task<Result<SlotOffsets>> start_at(std::optional<Timestamp> time);

 private:
  /// One partition of the merge: what has been read of it and not been given.
  struct Source {
    std::size_t slot = 0;
    std::deque<ConsumerRecord> ready;
    std::int64_t next = 0;  ///< everything before it is in `ready` or was given
    bool from_index = false;
  };

  /// Makes every source ready, or at its end. False where the page has looked through its share of the log.
  Task<Result<bool>> fill(std::vector<Source>& sources);
  Task<Result<void>> read_log(Source& source);

  Admin& admin_;
  const HistoryIndex& index_;
  std::string order_id_;
  std::size_t scanned_ = 0;
};

/// "3f09b2c47d51e8a6.3.0.0.17.0.2.0.0", the cursor of a page's link: it means nothing in another log.
std::string to_cursor(std::string_view log_id, const SlotOffsets& offsets);
std::optional<SlotOffsets> parse_cursor(std::string_view log_id, std::size_t slots, std::string_view text);

/// {topic, partition, offset, timestamp, key, headers: [{name, value}], value}. The value is JSON; where it, or a
/// header's, is not text it stands as base64 with `"base64": true` beside it.
std::string history_json(const ConsumerRecord& record);

}  // namespace foodorder::order
