#pragma once

#include "foodorder/base/ids.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/view.hpp"
#include "order_http/feed_reader.hpp"
#include "order_http/order_book.hpp"
#include "order_locks.hpp"
#include "order_state.hpp"
#include "order_writer.hpp"
#include "view_progress.hpp"

namespace foodorder::order {

struct LogBookLimits {
  Duration outcome_timeout{};  ///< how long a write waits for the log, and its answer for the view
  std::size_t orders_max = 0;
  std::size_t keys_max = 0;
};

/// The orders as a view of `orders`; a write is a record there. Each call runs to its next wait without being
/// disturbed, so what it has checked still holds until then; what a write has checked of its order holds until it is
/// answered (OrderLocks).
class LogOrderBook final : public OrderBook {
 public:
  /// All of it outlives the book. `live` is open before the first request.
  struct Parts {
    EventBus& bus;
    Clock& clock;
    IdSource& ids;
    EventWriter& events;
    const FeedReader& live;
  };

  /// `moved` is called when the view has folded more.
  LogOrderBook(const Parts& parts, const std::string& client_id, const LogBookLimits& limits,
               std::function<void()> moved);

  Task<> run() { return view_.run(); }
  void stop() { view_.stop(); }
  /// Waits for the writes in flight. After run() has returned.
  Task<> close() { return writer_.close(); }
  void set_limits(const LogBookLimits& limits);

  [[nodiscard]] bool ready() const override { return view_.caught_up(); }
  Task<Booked<TaggedOrder>> place(const NewOrder& wanted) override;
  Task<Booked<TaggedOrder>> change(const OrderChange& wanted) override;
  Task<Booked<TaggedOrder>> find(std::string_view id) override;
  Task<Booked<ListPage>> list(const ListQuery& query, const Each& each) override;
  Task<std::optional<Timestamp>> first_logged(std::string_view id) override;

  [[nodiscard]] const View& view() const noexcept { return view_; }
  [[nodiscard]] const OrderStore& store() const noexcept { return state_.store; }
  [[nodiscard]] std::size_t keys() const noexcept { return state_.keys.size(); }
  [[nodiscard]] std::size_t in_doubt() const { return writer_.in_doubt_count(); }

 private:
  /// A creation that carries an Idempotency-Key.
  struct Keyed {
    std::string order_id;
    std::string body_hash;
  };

  Task<Booked<TaggedOrder>> place_keyed(const NewOrder& wanted);
  Task<Booked<TaggedOrder>> learn_answer(const Keyed& keyed, const OrderEvent& event, const OrderWrite& write);
  [[nodiscard]] std::optional<Booked<TaggedOrder>> known_answer(const Keyed& keyed) const;
  /// Where the next record of this order goes.
  [[nodiscard]] std::optional<std::int32_t> partition_of(std::string_view order_id) const;
  [[nodiscard]] TaggedOrder tagged(Order order, std::int32_t partition, std::int64_t offset) const;

  Parts parts_;
  Duration view_timeout_;
  OrderState state_;
  ViewProgress view_progress_;
  OrderLocks locks_;
  OrderWriter writer_;
  View view_;  // last: its consumer goes first
};

}  // namespace foodorder::order
