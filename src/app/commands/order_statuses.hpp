#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/record.hpp"
#include "foodorder/domain/write_rank.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace foodorder::app {

/// What `order-status` says: the latest value of each key, and no key whose latest record is a tombstone. A compacted
/// topic need not keep more than that. Of a key that somebody else has written to another partition as well, the later
/// record counts by the rule of WriteRank.
class OrderStatuses {
 public:
  /// Records of one partition come in the order of their offsets.
  void take(const ConsumerRecord& record);
  /// How many records the topic was given in its life: the sum of its partitions' end offsets.
  void set_written(std::int64_t records) { written_ = records; }

  /// A table, a line an order, the one that has not changed for the longest first; then how many records it took.
  [[nodiscard]] std::string as_text() const;
  /// {orders: [the bodies], living, records, tombstones, ignored, written}, on one line.
  [[nodiscard]] std::string as_json() const;

 private:
  [[nodiscard]] std::vector<const json::object*> by_age() const;

  /// What the topic says of one order.
  struct Status {
    WriteRanks ranks;
    WriteRank last;
    std::optional<json::object> body;  ///< empty after a tombstone
  };

  std::map<std::string, Status> orders_;  // by id
  std::int64_t records_ = 0;
  std::int64_t tombstones_ = 0;
  std::int64_t ignored_ = 0;  ///< values that tell no status: somebody else's
  std::int64_t written_ = 0;
};

}  // namespace foodorder::app
