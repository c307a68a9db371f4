#include "foodorder/domain/event_ids.hpp"

#include <cstring>

namespace foodorder {

namespace {

constexpr std::uint64_t spread(std::uint64_t hash) noexcept { return hash ^ (hash >> 32); }

/// The finalizer of splitmix64 (Steele, Lea and Flood, 2014).
constexpr std::uint64_t mix(std::uint64_t hash) noexcept {
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9U;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebU;
  return hash ^ (hash >> 31);
}

}  // namespace

/// Each half tells of both words, for tables find a key by one of them; no two UUIDs have the same.
EventKey::EventKey(const Uuid& event_id) noexcept {
  low = mix(event_id.first ^ mix(event_id.second));
  high = event_id.second ^ mix(low);
}

/// Eight bytes at a time: no key leaves the process.
EventKey::EventKey(std::string_view event_id) noexcept : high(~event_id.size()), low(event_id.size()) {
  if (const auto uuid = Uuid::parse(event_id)) {
    *this = EventKey(*uuid);
    return;
  }
  std::uint64_t word = 0;
  const auto add_word = [&] {
    low = spread((low ^ word) * 0x9e3779b97f4a7c15U);
    high = spread((high ^ word) * 0xff51afd7ed558ccdU);
  };
  for (; event_id.size() >= sizeof word; event_id.remove_prefix(sizeof word)) {
    std::memcpy(&word, event_id.data(), sizeof word);
    add_word();
  }
  if (!event_id.empty()) {
    word = 0;
    std::memcpy(&word, event_id.data(), event_id.size());
    add_word();
  }
  low = mix(low);
  high = mix(high);
}

bool SeenEvents::insert(const EventKey& event) {
  if (!seen_.insert(event).second) return false;
  order_.push_back(event);
  if (order_.size() > capacity_) {
    seen_.erase(order_.front());
    order_.pop_front();
  }
  return true;
}

}  // namespace foodorder
