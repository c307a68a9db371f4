#pragma once

#include "foodorder/bus/record.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foodorder::order {

/// The partitions that tell of orders, by a fixed number ("slot"): those of the live feed come first.
inline constexpr std::size_t feed_slots = 5;     ///< orders 0 to 2, audit, orders-dlq
inline constexpr std::size_t history_slots = 8;  ///< and order-status 0 to 2

TopicPartition slot_partition(std::size_t slot);
std::optional<std::size_t> slot_of(const TopicPartition& partition) noexcept;

/// The next offset of each partition of the live feed.
using FeedOffsets = std::array<std::int64_t, feed_slots>;

/// A position in the live feed as the `id` of a server-sent event carries it:
/// `<log id>:orders=12,9,30;audit=77;orders-dlq=3`.
struct FeedPosition {
  FeedPosition(std::string log, FeedOffsets next_offsets) : log_id(std::move(log)), next(next_offsets) {}

  bool operator==(const FeedPosition&) const = default;

  std::string log_id;
  FeedOffsets next;
};

std::string to_event_id(std::string_view log_id, const FeedOffsets& next);
std::optional<FeedPosition> parse_event_id(std::string_view id);

}  // namespace foodorder::order
