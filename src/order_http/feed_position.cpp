#include "feed_position.hpp"

#include "conditions.hpp"
#include "foodorder/base/concat.hpp"
#include "foodorder/runtime/topics.hpp"

#include <limits>

namespace foodorder::order {

namespace {

struct Slot {
  std::string_view topic;
  std::int32_t partition;
};

constexpr std::array<Slot, history_slots> slots = {{{topics::orders, 0},
                                                    {topics::orders, 1},
                                                    {topics::orders, 2},
                                                    {topics::audit, 0},
                                                    {topics::orders_dlq, 0},
                                                    {topics::order_status, 0},
                                                    {topics::order_status, 1},
                                                    {topics::order_status, 2}}};

/// What stands before each offset of an id.
constexpr std::array<std::string_view, feed_slots> before = {":orders=", ",", ",", ";audit=", ";orders-dlq="};

}  // namespace

TopicPartition slot_partition(std::size_t slot) {
  return TopicPartition(std::string(slots.at(slot).topic), slots.at(slot).partition);
}

std::optional<std::size_t> slot_of(const TopicPartition& partition) noexcept {
  for (std::size_t slot = 0; slot < slots.size(); ++slot)
    if (slots[slot].partition == partition.partition && slots[slot].topic == partition.topic) return slot;
  return {};
}

std::string to_event_id(std::string_view log_id, const FeedOffsets& next) {
  static_assert(feed_slots == 5);
  using Number = fmt::format_int;
  return concat(log_id, before[0], Number(next[0]), before[1], Number(next[1]), before[2], Number(next[2]), before[3],
                Number(next[3]), before[4], Number(next[4]));
}

std::optional<FeedPosition> parse_event_id(std::string_view id) {
  const std::size_t log_end = id.rfind(before[0]);
  if (log_end == std::string_view::npos) return {};
  FeedPosition position(std::string(id.substr(0, log_end)), {});
  std::string_view rest = id.substr(log_end);
  for (std::size_t slot = 0; slot < feed_slots; ++slot) {
    if (!rest.starts_with(before[slot])) return {};
    rest.remove_prefix(before[slot].size());
    const std::string_view digits = rest.substr(0, rest.find_first_not_of("0123456789"));
    const auto offset = whole_number(digits, 0, std::numeric_limits<std::int64_t>::max() - 1);
    if (!offset) return {};
    position.next[slot] = *offset;
    rest.remove_prefix(digits.size());
  }
  if (!rest.empty()) return {};
  return position;
}

}  // namespace foodorder::order
