#pragma once

#include "foodorder/base/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

namespace foodorder::fraud {

/// Puts the records of several partitions into one order: by event time, then partition, then offset. A record is
/// given out when every partition has been read more than `grace` past its time, whatever the speed at which each
/// was read, so that a first reading and one from the log years later give the same order. A partition without new
/// records is past a time when it has been read to the end that it had then. A watermark, as in the Dataflow model
/// (Akidau et al., 2015). Pure.
template <class Item>
class ReorderBuffer {
 public:
  /// `held_max`: once every partition holds as many records, the first is given out even if it is early.
  ReorderBuffer(std::size_t partitions, Duration grace, std::size_t held_max)
      : grace_(grace), held_max_(held_max), partitions_(partitions) {}

  /// A record was read. Returns it if it is late: records after it have been given out already.
  std::optional<Item> push(std::int32_t partition, std::int64_t offset, Timestamp time, Item item) {
    Partition& from = at(partition);
    const Key key(time, partition, offset);
    pass(partition, time);
    if (key < given_out_) return item;
    items_.emplace(key, std::move(item));
    ++from.held;
    return {};
  }

  /// A record was read that nobody wants in order.
  void pass(std::int32_t partition, Timestamp time) {
    at(partition).past = std::max(at(partition).past, time - grace_);
  }

  /// Everything that the partition held at `time` has been read.
  void read_to_end(std::int32_t partition, Timestamp time) {
    at(partition).past = std::max(at(partition).past, time == Timestamp::max() ? time : time - grace_);
  }

  /// The next record, if its turn has come.
  std::optional<Item> pop() {
    if (items_.empty()) return {};
    const auto first = items_.begin();
    if (std::get<Timestamp>(first->first) >= past_all() && !all_full()) return {};
    given_out_ = first->first;
    --at(std::get<std::int32_t>(given_out_)).held;
    std::optional<Item> item = std::move(first->second);
    items_.erase(first);
    return item;
  }

  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] bool full(std::int32_t partition) const { return partitions_.at(index(partition)).held >= held_max_; }

 private:
  using Key = std::tuple<Timestamp, std::int32_t, std::int64_t>;

  struct Partition {
    Timestamp past = Timestamp::min();  // all of its records before this time have been read
    std::size_t held = 0;
  };

  static std::size_t index(std::int32_t partition) { return static_cast<std::size_t>(partition); }
  Partition& at(std::int32_t partition) { return partitions_.at(index(partition)); }

  [[nodiscard]] Timestamp past_all() const {
    Timestamp past = Timestamp::max();
    for (const Partition& partition : partitions_) past = std::min(past, partition.past);
    return past;
  }
  [[nodiscard]] bool all_full() const {
    return std::all_of(partitions_.begin(), partitions_.end(),
                       [this](const Partition& partition) { return partition.held >= held_max_; });
  }

  Duration grace_;
  std::size_t held_max_;
  std::vector<Partition> partitions_;
  std::map<Key, Item> items_;
  Key given_out_{Timestamp::min(), 0, 0};
};

}  // namespace foodorder::fraud
