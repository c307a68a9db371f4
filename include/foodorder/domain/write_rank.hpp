#pragma once

#include "foodorder/base/time.hpp"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace foodorder {

/// The one rule that says which of two writes to one order is the later one (ADR 8): within a partition of `orders`
/// that with the higher offset; across partitions that with the later `time`, then the higher partition.
struct WriteRank {
  /// Two ranks with the same place are those of one record.
  [[nodiscard]] bool same_place(const WriteRank& other) const noexcept {
    return partition == other.partition && offset == other.offset;
  }

  /// The latest log time of the order's records in that partition, up to this one. So it never goes back within a
  /// partition, and what follows a record there is later than all that the record was later than.
  Timestamp time{};
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// A total order over the records of one order; it does not depend on the order in which partitions are read.
inline bool is_later(const WriteRank& left, const WriteRank& right) noexcept {
  if (left.partition == right.partition) return left.offset > right.offset;
  return left.time != right.time ? left.time > right.time : left.partition > right.partition;
}

/// Ranks the records of one order. Each partition is read in the order of its offsets.
class WriteRanks {
 public:
  /// The rank of the next record of a partition; `logged` is its timestamp in the log.
  WriteRank next(std::int32_t partition, std::int64_t offset, Timestamp logged) {
    for (auto& [known, time] : times_) {
      if (known != partition) continue;
      time = std::max(time, logged);
      return {time, partition, offset};
    }
    times_.emplace_back(partition, logged);
    return {logged, partition, offset};
  }

 private:
  std::vector<std::pair<std::int32_t, Timestamp>> times_;
};

}  // namespace foodorder
