#pragma once

#include "foodorder/bus/record.hpp"

#include <vector>

namespace foodorder::kafka {

/// What a Fetcher has read, in the order of the offsets within each partition.
struct Fetched {
  void clear() {
    records.clear();
    ends.clear();
  }

  std::vector<ConsumerRecord> records;
  /// Where a partition ended: all before it has been read, also where the last offsets hold no record.
  std::vector<Position> ends;
};

}  // namespace foodorder::kafka
