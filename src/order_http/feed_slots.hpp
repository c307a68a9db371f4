#pragma once

#include "foodorder/base/text_buffer.hpp"
#include "foodorder/bus/record.hpp"
#include "foodorder/runtime/topics.hpp"

#include <boost/container/small_vector.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::order {

/// An offset for each slot. Copied with each event: the program's own slots need no allocation.
using SlotOffsets = boost::container::small_vector<std::int64_t, 8>;

/// A position in the event stream as the `id` of a server-sent event carries it:
/// `<log id>:orders=12,9,30;audit=77;orders-dlq=3`, and the topics of plugins behind.
struct FeedPosition {
  FeedPosition(std::string log, SlotOffsets next_offsets) : log_id(std::move(log)), next(std::move(next_offsets)) {}

  bool operator==(const FeedPosition&) const = default;

  std::string log_id;
  SlotOffsets next;
};

/// The partitions of the topics that tell of orders, each with a fixed number ("slot"). The slots of the event stream
/// come first.
class FeedSlots {
 public:
  explicit FeedSlots(std::span<const Topic> topics);

  /// Slots of the event stream.
  [[nodiscard]] std::size_t shown() const noexcept { return shown_; }
  [[nodiscard]] std::size_t size() const noexcept { return slots_.size(); }
  [[nodiscard]] const TopicPartition& partition(std::size_t slot) const { return slots_.at(slot).partition; }
  /// The first `count` of them.
  [[nodiscard]] std::vector<TopicPartition> partitions(std::size_t count) const;
  /// The topics of the first `count` slots.
  [[nodiscard]] std::vector<std::string> topics(std::size_t count) const;
  [[nodiscard]] const std::string& event_type(std::size_t slot) const { return slots_.at(slot).event_type; }
  /// What stands before its offset in the id of an event: ":orders=", ",", ";audit=".
  [[nodiscard]] const std::string& before_offset(std::size_t slot) const { return slots_.at(slot).before; }
  [[nodiscard]] std::optional<std::size_t> find(const TopicPartition& partition) const noexcept;

  /// `next`: the next offset of each slot of the event stream.
  [[nodiscard]] std::string to_event_id(std::string_view log_id, const SlotOffsets& next) const;
  [[nodiscard]] std::optional<FeedPosition> parse_event_id(std::string_view id) const;

 private:
  struct Slot {
    TopicPartition partition;
    std::string event_type;
    std::string before;  ///< what stands before its offset in an id
  };

  void add(const Topic& topic);

  std::vector<Slot> slots_;
  std::size_t shown_ = 0;
};

/// Writes the ids of events that follow each other. Most differ from the one before in a single offset: what stands in
/// front of that is not written again.
class EventIdWriter {
 public:
  /// `slots` outlive it.
  EventIdWriter(const FeedSlots& slots, std::string_view log_id);

  /// `next`: the next offset of each slot of the event stream. What it gives is good until the next call.
  std::string_view write(const SlotOffsets& next);

 private:
  const FeedSlots& slots_;
  SlotOffsets written_;                                    ///< the offsets in text_
  boost::container::small_vector<std::size_t, 8> begins_;  ///< where each slot begins there
  TextBuffer text_;
};

}  // namespace foodorder::order
