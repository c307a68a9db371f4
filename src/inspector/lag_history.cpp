#include "lag_history.hpp"

#include <algorithm>
#include <cmath>

namespace foodorder::inspector {

namespace {

constexpr Duration sample_interval = std::chrono::milliseconds(900);  // once a second, also by a clock that wavers
constexpr Duration kept_for = std::chrono::minutes(5);
constexpr std::size_t keys_max = 2'000;
constexpr Duration trend_window = std::chrono::minutes(1);
constexpr Duration trend_min = std::chrono::seconds(5);
// A lag wavers by what is on its way: less is no change.
constexpr double change_min_records = 5;
constexpr double change_min_part = 0.2;

double mean(LagHistory::Samples::const_iterator begin, LagHistory::Samples::const_iterator end) {
  double sum = 0;
  for (auto sample = begin; sample != end; ++sample) sum += static_cast<double>(sample->lag);
  return sum / static_cast<double>(end - begin);
}

}  // namespace

void LagHistory::note(const Key& key, std::int64_t lag, Timestamp now) {
  const auto found = samples_.find(key);
  if (found == samples_.end() && samples_.size() >= keys_max) return;
  samples_[key].push_back({now, lag});
}

void LagHistory::add(const std::vector<GroupDescription>& groups, Timestamp now) {
  if (!samples_.empty() && now < last_ + sample_interval) return;
  last_ = now;
  for (const GroupDescription& group : groups) {
    std::int64_t lag = 0;
    for (const GroupPartition& partition : group.partitions) {
      lag += partition.lag;
      note({group.group, partition.tp}, partition.lag, now);
    }
    note({group.group, TopicPartition()}, lag, now);
  }
  for (auto& [key, samples] : samples_)
    while (!samples.empty() && samples.front().at < now - kept_for) samples.pop_front();
  std::erase_if(samples_, [](const auto& entry) { return entry.second.empty(); });
}

const LagHistory::Samples& LagHistory::of(const std::string& group, const TopicPartition& tp) const {
  static const Samples none;
  const auto found = samples_.find({group, tp});
  return found == samples_.end() ? none : found->second;
}

std::string_view trend_of(const LagHistory::Samples& samples) {
  if (samples.empty()) return "unknown";
  const Timestamp begin = samples.back().at - trend_window;
  const auto first =
      std::find_if(samples.begin(), samples.end(), [&](const LagSample& sample) { return sample.at >= begin; });
  if (samples.back().at - first->at < trend_min) return "unknown";
  const auto third = std::max<std::ptrdiff_t>(1, (samples.end() - first) / 3);
  const double before = mean(first, first + third);
  const double after = mean(samples.end() - third, samples.end());
  if (std::abs(after - before) < std::max(change_min_records, change_min_part * std::max(before, after))) return "flat";
  return after > before ? "rising" : "falling";
}

}  // namespace foodorder::inspector
