#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "letters.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace foodorder::inspector {

/// Where letters were sent before. A redriven record names its letter in the header redriveOffset, so the log itself
/// tells, whoever has sent it.
class RedrivenBefore final {
 public:
  static constexpr std::int64_t look_max_records = 1'000'000;  ///< of each topic that letters came from

  explicit RedrivenBefore(Admin& admin) : admin_(admin) {}

  /// Looks for all `letters` in the topics that they came from, as `topics` describes them, from the time of the first
  /// letter on. Errors: as Admin::read.
  Task<Result<void>> look_for(std::vector<const Letter*> letters, const std::vector<TopicDescription>& topics);

  /// Where the letter at this offset was sent first.
  [[nodiscard]] const Position* find(std::int64_t offset) const;
  /// False for a letter of a topic that got so many records since that not all were looked at.
  [[nodiscard]] bool knows(const Letter& letter) const { return !letter.topic || !cut_short_.contains(*letter.topic); }

 private:
  /// Letters that came from one topic, by their offsets.
  using Sought = std::map<std::int64_t, const Letter*>;

  Task<Result<void>> look_in(TopicPartition tp, std::int64_t offset, const Sought& sought, std::int64_t& left);
  void look_at(const ConsumerRecord& record, const Sought& sought);

  Admin& admin_;
  std::map<std::int64_t, Position> found_;
  std::set<std::string> cut_short_;
};

}  // namespace foodorder::inspector
