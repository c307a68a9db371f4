#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace foodorder::inspector {

struct LagSample {
  Timestamp at;
  std::int64_t lag;
};

/// The lag of each group and of its partitions, as it was when somebody looked: at most one sample a second, of the
/// last five minutes, and of 2,000 partitions.
class LagHistory {
 public:
  using Samples = std::deque<LagSample>;

  void add(const std::vector<GroupDescription>& groups, Timestamp now);

  /// Of the whole group, or of a partition. Empty where there are none.
  [[nodiscard]] const Samples& of(const std::string& group) const { return of(group, {}); }
  [[nodiscard]] const Samples& of(const std::string& group, const TopicPartition& tp) const;

 private:
  using Key = std::pair<std::string, TopicPartition>;  ///< an empty topic stands for all

  void note(const Key& key, std::int64_t lag, Timestamp now);

  std::map<Key, Samples> samples_;
  Timestamp last_{};
};

/// "rising", "falling" or "flat" over the last minute; "unknown" before there are samples of some seconds.
std::string_view trend_of(const LagHistory::Samples& samples);

}  // namespace foodorder::inspector
