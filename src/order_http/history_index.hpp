#pragma once

#include "feed_slots.hpp"
#include "foodorder/bus/record.hpp"

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::order {

/// Whether a record has that order's key, or a body that tells of it.
bool tells_of(const ConsumerRecord& record, std::string_view order_id);

/// The newest records about each order: bounded, oldest forgotten first. What it has forgotten, or never
/// seen, is in the log below floor().
class HistoryIndex {
 public:
  static constexpr std::size_t max_bytes = 64U << 20U;

  /// `slots` outlive it.
  HistoryIndex(const FeedSlots& slots, SlotOffsets start, std::size_t records_max)
      : slots_(slots), floor_(std::move(start)), records_max_(records_max) {}

  [[nodiscard]] const FeedSlots& slots() const noexcept { return slots_; }

  /// The next record of the partition of that slot.
  void add(const ConsumerRecord& record, std::size_t slot);

  /// The records about that order in one partition from `offset` on, in their order.
  [[nodiscard]] std::vector<ConsumerRecord> find(std::string_view order_id, std::size_t slot,
                                                 std::int64_t offset) const;

  /// Every record about an order at or above these offsets, as far as the log has been read, is here.
  [[nodiscard]] const SlotOffsets& floor() const noexcept { return floor_; }

 private:
  struct Entry {
    std::shared_ptr<const Record> record;
    std::int64_t offset;
    std::size_t slot;
    std::size_t bytes;
  };

  void add(const ConsumerRecord& record, std::size_t slot, std::string_view order_id);
  void forget_oldest();

  const FeedSlots& slots_;
  SlotOffsets floor_;
  std::size_t records_max_;
  std::deque<Entry> entries_;
  /// Of their orders' ids. Every record goes through here and few are asked for: a look through all these takes a tenth
  /// of a millisecond, a map of keys would cost each record more than its append.
  std::deque<std::size_t> hashes_;
  std::size_t bytes_ = 0;
};

}  // namespace foodorder::order
