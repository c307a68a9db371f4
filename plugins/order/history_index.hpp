#pragma once

#include "feed_position.hpp"
#include "foodorder/bus/record.hpp"

#include <array>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace foodorder::order {

/// One offset for each partition that tells of orders.
using HistoryOffsets = std::array<std::int64_t, history_slots>;

/// The newest records about each order, by their key: bounded, oldest forgotten first. What it has forgotten, or never
/// seen, is in the log below floor().
class HistoryIndex {
 public:
  static constexpr std::size_t max_bytes = 64U << 20U;

  HistoryIndex(HistoryOffsets start, std::size_t records_max) : floor_(start), records_max_(records_max) {}

  /// The next record of a partition.
  void add(const ConsumerRecord& record);

  /// The records of that key in one partition from `offset` on, in their order.
  [[nodiscard]] std::vector<ConsumerRecord> find(std::string_view key, std::size_t slot, std::int64_t offset) const;

  /// Every record with a key at or above these offsets, as far as the log has been read, is here.
  [[nodiscard]] const HistoryOffsets& floor() const noexcept { return floor_; }
  [[nodiscard]] bool knows(std::string_view key) const { return chains_.contains(std::string(key)); }

 private:
  /// A record and the number of the next one with its key; 0 is none.
  struct Entry {
    ConsumerRecord record;
    std::size_t slot;
    std::uint64_t next_of_key = 0;
  };
  struct Chain {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
  };

  void forget_oldest();
  [[nodiscard]] const Entry& at(std::uint64_t number) const { return entries_[number - first_]; }

  HistoryOffsets floor_;
  std::size_t records_max_;
  std::deque<Entry> entries_;
  std::uint64_t first_ = 1;  ///< the number of the oldest entry
  std::unordered_map<std::string, Chain> chains_;
  std::size_t bytes_ = 0;
};

}  // namespace foodorder::order
