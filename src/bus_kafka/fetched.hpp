#pragma once

#include "foodorder/bus/record.hpp"

#include <vector>

namespace foodorder::kafka {

/// Records that were read from partitions, in the order of the offsets within each.
struct Fetched {
  void clear() {
    records.clear();
    ends.clear();
  }

  std::vector<ConsumerRecord> records;
  /// How far partitions have been read, where that is farther than their last records here: the next offsets hold no
  /// record, or none that is wanted.
  std::vector<Position> ends;
};

}  // namespace foodorder::kafka
