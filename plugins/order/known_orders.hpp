#pragma once

#include "foodorder/domain/event_ids.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/domain/write_rank.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

// What the order store keeps of each order.

namespace foodorder::order {

/// Where a record of `orders` stands.
struct LogPlace {
  bool operator==(const LogPlace&) const = default;

  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// What the store takes of a record, besides its event.
struct OrderWrite {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
  Timestamp logged{};  ///< the record's timestamp
  Timestamp time{};    ///< when it happened
  /// Of a creation under an Idempotency-Key: its event; else zero.
  EventKey placed_by_key{};
  /// It was acknowledged here; the records in front of it may not have been read.
  bool ahead = false;
};

/// What has been read of one order in one partition.
struct PartitionHistory {
  std::int32_t partition = 0;
  Timestamp time = Timestamp::min();   ///< the latest log time
  Timestamp first = Timestamp::max();  ///< the earliest
  EventKey placed_by_key{};            ///< the last creation under an Idempotency-Key
};

/// A live order as the log tells of it.
struct StoredOrder {
  Order order;
  WriteRank last;            ///< the write that left it so
  Timestamp updated_at{};    ///< that event's own timestamp
  WriteRank created;         ///< its last creation
  Timestamp created_at{};    ///< the event time of that, to the microsecond
  PartitionHistory history;  ///< where all its records are in one partition
};

/// An order that does not live: deleted, or not created yet as far as the partitions have been read.
struct AbsentOrder {
  /// An update that is later than the deletion. It counts once a creation turns up in front of it.
  struct Update {
    OrderEvent event;
    WriteRank rank;
  };

  std::optional<WriteRank> deleted;
  std::unique_ptr<Update> update;
  std::optional<Timestamp> created_at;  ///< none if it has never lived here
  PartitionHistory history;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const noexcept { return std::hash<std::string_view>()(text); }
};
template <class T>
using ById = std::unordered_map<std::string, T, TextHash, std::equal_to<>>;

/// A bounded number of orders that do not live, the oldest forgotten first.
class AbsentOrders {
 public:
  explicit AbsentOrders(std::size_t orders_max) : orders_max_(orders_max) {}

  [[nodiscard]] const AbsentOrder* find(std::string_view id) const {
    const auto found = orders_.empty() ? orders_.end() : orders_.find(id);  // mostly it is: no need of a hash
    return found == orders_.end() ? nullptr : &found->second.order;
  }
  AbsentOrder* find(std::string_view id) {
    const auto found = orders_.empty() ? orders_.end() : orders_.find(id);
    return found == orders_.end() ? nullptr : &found->second.order;
  }

  /// Adds an order that is not here. Gives the id of one that was forgotten for it.
  std::optional<std::string> insert(const std::string& id, AbsentOrder order) {
    oldest_first_.emplace_back(id, ++turn_);
    orders_.insert_or_assign(id, Entry{std::move(order), turn_});
    if (oldest_first_.size() <= orders_max_) return {};
    std::optional<std::string> forgotten;
    const auto oldest = orders_.find(oldest_first_.front().first);
    if (oldest != orders_.end() && oldest->second.turn == oldest_first_.front().second) {
      forgotten = oldest->first;
      orders_.erase(oldest);
    }
    oldest_first_.pop_front();
    return forgotten;
  }

  void erase(std::string_view id) {
    const auto found = orders_.find(id);
    if (found != orders_.end()) orders_.erase(found);
  }

 private:
  struct Entry {
    AbsentOrder order;
    std::uint64_t turn;
  };

  std::size_t orders_max_;
  ById<Entry> orders_;
  std::deque<std::pair<std::string, std::uint64_t>> oldest_first_;  ///< those taken out since among them
  std::uint64_t turn_ = 0;
};

}  // namespace foodorder::order
