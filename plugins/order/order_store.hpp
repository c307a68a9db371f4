#pragma once

#include "known_orders.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::order {

/// The live orders: a fold of the `orders` topic. The state of an order is that of its records applied in the order of
/// their ranks (WriteRank), whatever the order in which the partitions are read; it needs no more of them than the
/// last creation, the last deletion and the last update. A write that was acknowledged here can be applied before the
/// records in front of it are read.
class OrderStore {
 public:
  enum class Listing { oldest_first, newest_first };

  explicit OrderStore(std::size_t orders_max);

  /// Folds one event, also twice. An order lives from a creation to the next deletion; an update outside of that
  /// changes nothing. A creation that repeats the last one under its key in its partition changes nothing.
  void apply(const OrderEvent& event, const OrderWrite& write);

  [[nodiscard]] const StoredOrder* find(std::string_view id) const;
  /// Null for orders that live, or of which nothing is known: 100,000 deleted ones are, and as many with a deletion or
  /// an update and no creation.
  [[nodiscard]] const AbsentOrder* find_absent(std::string_view id) const;
  /// Where the latest write to this order stands, or nothing. The next one goes to its partition, to be later.
  [[nodiscard]] std::optional<WriteRank> last_write(std::string_view id) const;

  /// No record about this live order has an earlier time in the log.
  [[nodiscard]] std::optional<Timestamp> first_logged(std::string_view id) const;

  /// Live orders behind the one named (all if none is), by birth, then id, so that every process and every restart
  /// lists them alike. `after` may have been deleted meanwhile.
  struct Page {
    std::vector<const StoredOrder*> orders;
    bool more = false;
    bool unknown_after = false;  ///< there is no such order to continue after
  };
  [[nodiscard]] Page list(std::size_t limit, std::optional<std::string_view> after,
                          Listing listing = Listing::oldest_first) const;

  [[nodiscard]] std::size_t size() const noexcept { return live_.size(); }
  [[nodiscard]] bool full() const noexcept { return live_.size() >= orders_max_; }
  void set_orders_max(std::size_t orders_max) noexcept { orders_max_ = orders_max; }
  /// Orders that the log has and this store had no room for.
  [[nodiscard]] std::uint64_t left_out() const noexcept { return left_out_; }

 private:
  /// Birth and id; the id is that of an element of live_, or of a search.
  using Age = std::pair<Timestamp, std::string_view>;
  using Live = ById<StoredOrder>::iterator;
  struct Ranked {
    const OrderEvent& event;
    const OrderWrite& write;
    WriteRank rank;
    PartitionHistory history;  ///< of an order of which nothing is known yet
  };

  AbsentOrder* find_absent(std::string_view id);
  PartitionHistory* history_of(std::string_view id, std::int32_t partition);
  void apply_to_live(Live known, const Ranked& ranked);
  void apply_to_absent(AbsentOrder* absent, const Ranked& ranked);
  void revive(AbsentOrder* absent, const Ranked& ranked);
  void remove(Live known, const WriteRank& deletion);
  void keep(AbsentOrders& where, const std::string& id, AbsentOrder absent);

  std::size_t orders_max_;
  ById<StoredOrder> live_;
  std::set<Age> by_age_;
  AbsentOrders deleted_;
  AbsentOrders not_created_;  ///< what strangers write of orders that are not there pushes out no deletion
  ById<std::vector<PartitionHistory>> spread_;  ///< of orders with records in several partitions
  std::uint64_t left_out_ = 0;
};

}  // namespace foodorder::order
