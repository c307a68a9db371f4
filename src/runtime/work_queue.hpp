#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/bus/record.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace foodorder {

/// Deliveries that take time: one at a time per partition, in the order in which they were read. How many there are is
/// limited by who pushes. Pure.
class WorkQueue {
 public:
  /// How long each delivery takes. The one at hand in each partition begins anew.
  void set_duration(Duration takes, Timestamp now) {
    if (takes == takes_) return;
    takes_ = takes;
    begin_anew(now);
  }

  /// As after a pause: work at hand in each partition begins anew.
  void begin_anew(Timestamp now) {
    for (auto& [tp, partition] : partitions_) partition.done_at = now + takes_;
  }

  /// A record of that partition takes time, or has others before it that do.
  [[nodiscard]] bool delays(const TopicPartition& tp) const {
    return takes_ > Duration::zero() || partitions_.contains(tp);
  }

  void push(ConsumerRecord record, Timestamp now) {
    const auto [found, idle] = partitions_.try_emplace(record.position.tp);
    if (idle) found->second.done_at = now + takes_;
    found->second.records.push_back(std::move(record));
  }

  /// When the next delivery is done; nothing where none is at hand.
  [[nodiscard]] std::optional<Timestamp> next_done() const {
    std::optional<Timestamp> next;
    for (const auto& [tp, partition] : partitions_)
      next = std::min(next.value_or(partition.done_at), partition.done_at);
    return next;
  }

  /// Takes out what is done by `now`.
  std::vector<ConsumerRecord> take_done(Timestamp now) {
    std::vector<ConsumerRecord> done;
    for (auto entry = partitions_.begin(); entry != partitions_.end();) {
      Partition& partition = entry->second;
      for (; !partition.records.empty() && partition.done_at <= now; partition.done_at += takes_) {
        done.push_back(std::move(partition.records.front()));
        partition.records.pop_front();
      }
      entry = partition.records.empty() ? partitions_.erase(entry) : std::next(entry);
    }
    return done;
  }

  /// The partition has another owner, who reads what is not done.
  void drop(const TopicPartition& tp) { partitions_.erase(tp); }

 private:
  /// Never without a record.
  struct Partition {
    std::deque<ConsumerRecord> records;
    Timestamp done_at{};  ///< of the first
  };

  Duration takes_{};
  std::map<TopicPartition, Partition> partitions_;
};

}  // namespace foodorder
