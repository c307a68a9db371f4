#include "latest_index.hpp"

namespace foodorder::inspector {

bool LatestIndex::add(const ConsumerRecord& record) {
  if (!record.record->key()) {
    ++without_key_;
    return true;
  }
  auto& keys = partitions_[record.position.tp.partition];
  const auto [place, first] = keys.try_emplace(EventKey(*record.record->key()));
  if (first && ++keys_ > keys_max) return false;
  place->second.offset = record.position.offset;
  ++place->second.records;
  return true;
}

std::optional<std::int64_t> LatestIndex::older(const ConsumerRecord& record) const {
  if (!record.record->key()) return {};
  const auto partition = partitions_.find(record.position.tp.partition);
  if (partition == partitions_.end()) return {};
  const auto latest = partition->second.find(EventKey(*record.record->key()));
  if (latest == partition->second.end() || latest->second.offset != record.position.offset) return {};
  return latest->second.records - 1;
}

}  // namespace foodorder::inspector
