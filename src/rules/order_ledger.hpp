#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/domain/event_ids.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <string_view>
#include <vector>

namespace foodorder::analytics {

/// What became of every event on `orders`, by the rules of `foodorder verify`: accepted = notified + gave up + dropped
/// + waiting. An event counts once, however often it stands in the log; updates and deletions are notified, too, and a
/// record that cannot be read ends with its dead letter. Topics have no common order: an outcome may be read before its
/// event. Events of before the log's beginning are in no figure. Pure.
class OrderLedger {
 public:
  /// Events without an outcome; one that comes beyond is in no figure but `uncounted`.
  static constexpr std::size_t waiting_max = 1'000'000;
  /// Outcomes and reports that are known again. A repetition that comes later is counted as new.
  static constexpr std::size_t ended_max = 262'144;
  static constexpr std::size_t lost_shown_max = 5;

  enum class Outcome : std::uint8_t { notified, gave_up, dropped };
  /// Where a record of `orders` stands.
  struct Place {
    std::int32_t partition = 0;
    std::int64_t offset = 0;
  };

  /// A record of `orders`: a first delivery, or a retry.
  void delivery(const EventKey& event, const Place& at, bool retry);
  /// A record of the notification service on `audit`: NOTIFIED, RETRY, DLQ or DROPPED; others count for nothing.
  void report(const EventKey& report, const EventKey& cause, std::string_view action);
  /// A record of `orders-dlq`. A readable event has its report on `audit`, too; an `unparsable` one has this alone.
  void letter(const EventKey& letter, const EventKey& cause, bool unparsable);
  /// What the group of the notification service has committed: next offsets by partition. All that was in the log when
  /// it was asked for must have been read: an event that waits before those is lost.
  void committed(const std::map<std::int32_t, std::int64_t>& next);

  [[nodiscard]] std::int64_t waiting() const noexcept { return static_cast<std::int64_t>(waiting_.size()); }
  /// {accepted, notified, gaveUp, dropped, waiting, waitingByPartition: [count], lost, lostAt: ["p2@17"], doneTwice,
  /// uncounted}.
  [[nodiscard]] json::object figures() const;

 private:
  struct End {
    Outcome outcome;
    bool accepted;  ///< its event was read
    bool reported;  ///< on `audit`, or by a letter that stands alone
  };
  /// The last outcomes, oldest forgotten first.
  class Ends {
   public:
    End* find(const EventKey& event);
    void put(const EventKey& event, End end);

   private:
    boost::unordered_flat_map<EventKey, End, std::hash<EventKey>> ends_;
    std::deque<EventKey> order_;
  };

  void ended(const EventKey& event, Outcome outcome, bool reported);
  void count(Outcome outcome) { ++ended_count_[static_cast<std::size_t>(outcome)]; }

  boost::unordered_flat_map<EventKey, Place, std::hash<EventKey>> waiting_;  ///< at its last delivery
  std::map<std::int32_t, std::int64_t> waiting_by_partition_;
  Ends ends_;
  SeenEvents reports_{ended_max};
  std::int64_t accepted_ = 0;
  std::int64_t ended_count_[3] = {};
  std::int64_t done_twice_ = 0;
  std::int64_t uncounted_ = 0;
  std::int64_t lost_ = 0;
  std::vector<Place> lost_at_;
};

}  // namespace foodorder::analytics
