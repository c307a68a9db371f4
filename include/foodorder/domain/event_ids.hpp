#pragma once

#include "foodorder/base/ids.hpp"

#include <boost/unordered/unordered_flat_set.hpp>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <string_view>

namespace foodorder {

/// An event's id in 128 bits, for remembering many of them. UUIDs have one each; other ids that differ collide once in
/// 2^64 events.
struct EventKey {
  EventKey() = default;
  explicit EventKey(const Uuid& event_id) noexcept;
  explicit EventKey(std::string_view event_id) noexcept;

  auto operator<=>(const EventKey&) const = default;

  std::uint64_t high = 0;
  std::uint64_t low = 0;
};

}  // namespace foodorder

template <>
struct std::hash<foodorder::EventKey> {
  std::size_t operator()(const foodorder::EventKey& key) const noexcept { return key.low; }
};

namespace foodorder {

/// The last `capacity` events that were seen, oldest forgotten first: folds what the log holds twice.
class SeenEvents {
 public:
  explicit SeenEvents(std::size_t capacity) : capacity_(capacity) {}

  /// True the first time.
  bool insert(const EventKey& event);
  [[nodiscard]] std::size_t size() const noexcept { return order_.size(); }

 private:
  std::size_t capacity_;
  boost::unordered_flat_set<EventKey, std::hash<EventKey>> seen_;
  std::deque<EventKey> order_;
};

}  // namespace foodorder
