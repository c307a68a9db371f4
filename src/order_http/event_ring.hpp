#pragma once

#include "conditions.hpp"
#include "feed_slots.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/http.hpp"

#include <algorithm>
#include <array>
#include <boost/container/deque.hpp>
#include <cstdint>
#include <memory>
#include <string>

namespace foodorder::order {

/// The newest events of the live feed in a bounded ring that all clients share: a client is no more than a place in
/// it, so that a slow one costs nothing and disturbs nobody. Events are numbered from 0 as they arrive.
class EventRing {
 public:
  static constexpr std::size_t ring_max_bytes = 16U << 20U;

  /// `start`: the next offset of each partition that will be taken.
  EventRing(FeedSlots slots, std::string log_id, SlotOffsets start, std::size_t ring_max_events)
      : slots_(std::move(slots)),
        log_id_(std::move(log_id)),
        log_tag_(order::log_tag(log_id_)),
        floor_(start),
        next_(std::move(start)),
        ring_max_events_(ring_max_events) {}

  /// The next record of the partition of that slot, relayed or not.
  void take(const ConsumerRecord& record, std::size_t slot);
  /// A partition has been read up to that offset, where the last ones held no record.
  void read_up_to(std::size_t slot, std::int64_t next) { next_.at(slot) = std::max(next_.at(slot), next); }
  /// Puts a heartbeat into the ring, that moves every client's position.
  void heartbeat();
  /// Wakes the clients that wait; after one or more take() and heartbeat().
  void wake() { changed_.notify_all(); }
  /// Ends all streams.
  void close();
  void set_ring_max_events(std::size_t events) { ring_max_events_ = events; }

  [[nodiscard]] const FeedSlots& slots() const noexcept { return slots_; }
  [[nodiscard]] const std::string& log_id() const noexcept { return log_id_; }
  [[nodiscard]] const std::string& log_tag() const noexcept { return log_tag_; }
  [[nodiscard]] bool closed() const noexcept { return closed_; }
  /// What is older than these offsets is in the log only, what is not is in the ring (or was not relayed).
  [[nodiscard]] const SlotOffsets& floor() const noexcept { return floor_; }
  [[nodiscard]] const SlotOffsets& next() const noexcept { return next_; }

  /// The id of an event after which a client is at `position`.
  [[nodiscard]] std::string event_id(const SlotOffsets& position) const {
    return slots_.to_event_id(log_id_, position);
  }

  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return first_ + ring_.size(); }

  struct Entry {
    std::optional<ConsumerRecord> record;  ///< none: a heartbeat
    std::size_t slot = 0;
    SlotOffsets next{};  ///< after it
    std::size_t bytes = 0;
  };
  [[nodiscard]] const Entry& at(std::uint64_t number) const { return ring_[number - first_]; }
  /// The events from `number` on that a client gets together, and moves `number` behind them. Their text is made once
  /// for all clients that want the same.
  http::Chunk text_from(std::uint64_t& number);

  /// Completes at the next wake() or close(), or with `mine`.
  Task<> wait(Waiter<Wake>& mine) { return changed_.wait(&mine); }

  std::size_t clients = 0;  ///< streams that are open

 private:
  /// Events begin a text of their own at each multiple of this number, so that clients who are not equally far soon
  /// want the same texts.
  static constexpr std::uint64_t text_max_events = 64;
  static constexpr std::size_t text_max_bytes = 256U << 10U;
  struct Text {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
    http::Chunk chunk;
  };

  /// Without a record: a heartbeat.
  void push(const ConsumerRecord* record, std::size_t slot);
  void pop();
  /// Where a text ends that begins there, and the bytes of its events.
  struct Extent {
    std::uint64_t end;
    std::size_t bytes;
  };
  [[nodiscard]] Extent text_extent(std::uint64_t first) const;

  FeedSlots slots_;
  std::string log_id_;
  std::string log_tag_;
  SlotOffsets floor_;
  SlotOffsets next_;
  std::size_t ring_max_events_;
  // A std::deque would allocate a block for two of them.
  boost::container::deque<Entry, void, boost::container::deque_options_t<boost::container::block_size<32>>> ring_;
  std::array<Text, 16> texts_;  ///< those that were made last
  std::uint64_t first_ = 0;
  std::size_t bytes_ = 0;
  Condition changed_;
  bool closed_ = false;
};

}  // namespace foodorder::order
