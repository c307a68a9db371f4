#pragma once

#include "foodorder/bus/record.hpp"
#include "foodorder/domain/event_ids.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <map>
#include <optional>

namespace foodorder::inspector {

/// Where the latest record of each key is, as compaction would find it: within each partition.
class LatestIndex {
 public:
  static constexpr std::size_t keys_max = 200'000;

  /// Takes a record that is later than those of its partition before. False: there are too many keys.
  bool add(const ConsumerRecord& record);

  /// Of the latest record of a key, how many older ones there are; nothing for others, and without a key.
  [[nodiscard]] std::optional<std::int64_t> older(const ConsumerRecord& record) const;

  [[nodiscard]] std::int64_t without_key() const noexcept { return without_key_; }

 private:
  struct Latest {
    std::int64_t offset = 0;
    std::int64_t records = 0;
  };

  std::map<std::int32_t, boost::unordered_flat_map<EventKey, Latest, std::hash<EventKey>>> partitions_;
  std::size_t keys_ = 0;
  std::int64_t without_key_ = 0;
};

}  // namespace foodorder::inspector
