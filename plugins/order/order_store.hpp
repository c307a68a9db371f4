#pragma once

#include "foodorder/domain/order.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace foodorder::order {

/// Where in `orders` something stands. Per order the highest offset wins: all records of one key are in one partition.
struct LogPlace {
  bool operator==(const LogPlace&) const = default;

  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// A live order as the log tells of it.
struct StoredOrder {
  Order order;
  LogPlace last;             ///< its newest record; the offset is its ETag
  Timestamp updated_at{};    ///< the newest event's own timestamp
  Timestamp born{};          ///< the event time of its first record, to the microsecond
  std::int64_t created = 0;  ///< the offset of its creation
};

/// What is still known of an order that was deleted.
struct DeletedOrder {
  LogPlace last;
  Timestamp born{};
};

/// The live orders: a fold of the `orders` topic that may be fed twice, and out of order as far as a write that was
/// acknowledged here can be known before the records that went before it are read.
class OrderStore {
 public:
  explicit OrderStore(std::size_t orders_max) : orders_max_(orders_max) {}

  /// Folds one event that happened at `time`. It changes nothing if a record of that order with the same or a higher
  /// offset was folded, or if it updates or deletes an order that is not here; but a deletion is final for all updates.
  void apply(const OrderEvent& event, LogPlace at, Timestamp time);

  [[nodiscard]] const StoredOrder* find(std::string_view id) const;
  /// Null for orders that live, never were, or were deleted before the last 100,000.
  [[nodiscard]] const DeletedOrder* find_deleted(std::string_view id) const;

  /// Live orders after the one named (all if none is), oldest first: by birth, then id, so that every process and
  /// every restart lists them alike. `after` may have been deleted meanwhile.
  struct Page {
    std::vector<const StoredOrder*> orders;
    bool more = false;
    bool unknown_after = false;  ///< there is no such order to continue after
  };
  [[nodiscard]] Page list(std::size_t limit, std::optional<std::string_view> after) const;

  [[nodiscard]] std::size_t size() const noexcept { return live_.size(); }
  [[nodiscard]] bool full() const noexcept { return live_.size() >= orders_max_; }
  void set_orders_max(std::size_t orders_max) noexcept { orders_max_ = orders_max; }
  /// Orders that the log has and this store had no room for.
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
  };
  template <class T>
  using ById = std::unordered_map<std::string, T, Hash, std::equal_to<>>;

  /// Birth and id; the id is that of an element of live_, or of a search.
  using Age = std::pair<Timestamp, std::string_view>;

  void put(const OrderEvent& event, LogPlace at, Timestamp time);
  void remove(const std::string& id, LogPlace at);

  std::size_t orders_max_;
  ById<StoredOrder> live_;
  std::set<Age> by_age_;
  ById<DeletedOrder> deleted_;
  std::deque<std::string> deleted_in_turn_;
  std::uint64_t left_out_ = 0;
};

}  // namespace foodorder::order
