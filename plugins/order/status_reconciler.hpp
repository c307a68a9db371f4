#pragma once

#include "foodorder/base/text_buffer.hpp"
#include "foodorder/bus/record.hpp"
#include "foodorder/domain/event_ids.hpp"
#include "order_store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::order {

/// The value of an `order-status` record: {id, customerName, item, status, updatedAt}.
TextBuffer status_json(const Order& order, Timestamp updated_at);

/// A record that has landed on `order-status`.
struct LandedStatus {
  LandedStatus(std::shared_ptr<const Record> landed, LogPlace from)
      : record(std::move(landed)), source(from), order(*record->key()) {}

  [[nodiscard]] std::string_view id() const { return *record->key(); }

  std::shared_ptr<const Record> record;  ///< it has a key; no value: the order was deleted
  LogPlace source;                       ///< of the `orders` record that it follows from
  EventKey order;                        ///< of its id
};

/// What `order-status` should say of one order.
struct OrderStatus {
  OrderStatus(std::string order_id, LogPlace from, std::optional<std::string> status)
      : id(std::move(order_id)), source(from), value(std::move(status)) {}

  bool operator==(const OrderStatus&) const = default;

  std::string id;
  LogPlace source;  ///< of the `orders` record that it follows from
  std::optional<std::string> value;
};

/// Watches what lands on `order-status`, and finds what is wrong there: an older status that landed after a newer one
/// (two owners of a partition overlapped in a rebalance, or owners of two partitions have one of an order's records
/// each), or one of a record that changed nothing (an update that came after the deletion, a creation repeated under
/// its key). It remembers a wrong status until a right one lands, because the owner may crash or lose the partition
/// before it has written the correction. Compaction may then remove the newer status, and only the older one lands.
class StatusReconciler {
 public:
  static constexpr std::size_t waiting_max = 10'000;
  /// How many that wait one call looks at.
  static constexpr std::size_t looked_at_max = 1'000;
  /// What is not known after this time never will be: a foreign record may name any offset.
  static constexpr Duration wait_max = std::chrono::seconds(30);
  static constexpr std::size_t remembered_max = 100'000;
  /// Orders whose status is wrong or not the latest; more are left to the next start, which reads all statuses.
  static constexpr std::size_t suspects_max = 1'000;

  explicit StatusReconciler(const OrderStore& store) : store_(store) {}

  /// A status has landed.
  void take(LandedStatus landed, Timestamp now);

  /// What is to be written again, each once. `known` tells whether the store has folded that record of `orders`; what
  /// is not known yet is judged by a later call, and so is what has landed behind it on the same order. `began` gives
  /// the offset at which this process began to own a partition: the statuses of earlier records have landed. It gives
  /// nothing for a partition of another process; a later call asks again. Without `began` the result is empty.
  using Known = std::function<bool(const LogPlace& source)>;
  using Began = std::function<std::optional<std::int64_t>(std::int32_t partition)>;
  std::vector<OrderStatus> corrections(const Known& known, const Began& began, Timestamp now);

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
  /// Nothing waits and nothing is wrong.
  [[nodiscard]] bool idle() const noexcept { return waiting_.empty() && suspects_.empty(); }

 private:
  struct Waiting {
    LandedStatus status;
    Timestamp until;
  };

  struct Suspect {
    explicit Suspect(LandedStatus what) : landed(std::move(what)) {}

    LandedStatus landed;
    bool written_again = false;
  };

  struct Correction {
    OrderStatus status;
    bool awaited;  ///< it has not been seen: it may be on its way
  };

  void judge_waiting(const Known& known, Timestamp now);
  void judge(const LandedStatus& landed);
  void note(const LandedStatus& landed);
  /// What should stand there, or nothing where it does.
  [[nodiscard]] std::optional<Correction> correction_of(const LandedStatus& landed) const;

  const OrderStore& store_;
  std::deque<Waiting> waiting_;
  /// The highest source offset that has landed, of the orders seen last, by the hash of id and source partition.
  boost::unordered_flat_map<EventKey, std::int64_t, std::hash<EventKey>> newest_;
  std::deque<EventKey> newest_in_order_;
  std::map<std::string_view, Suspect> suspects_;  ///< by order, as its record has it: what landed last
};

}  // namespace foodorder::order
