#pragma once

#include "database/order_database.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"
#include "fraud_gate.hpp"
#include "order_http/feed_reader.hpp"
#include "order_http/order_book.hpp"

namespace foodorder::monolith {

/// The orders in a database: each call is one transaction. What was acknowledged is seen by every later call, and the
/// database does one write after the other, so no order needs a lock.
class TableOrderBook final : public order::OrderBook {
 public:
  /// All of it outlives the book. `live` is open before the first list.
  struct Parts {
    database::OrderDatabase& orders;
    Clock& clock;
    IdSource& ids;
    const FraudGate& gate;
    const order::FeedReader& live;
  };

  explicit TableOrderBook(const Parts& parts) : parts_(parts) {}

  [[nodiscard]] bool ready() const override { return true; }
  Task<order::Booked<order::TaggedOrder>> place(const order::NewOrder& wanted) override;
  Task<order::Booked<order::TaggedOrder>> change(const order::OrderChange& wanted) override;
  Task<order::Booked<order::TaggedOrder>> find(std::string_view id) override;
  Task<order::Booked<order::ListPage>> list(const order::ListQuery& query, const Each& each) override;
  Task<std::optional<Timestamp>> first_logged(std::string_view id) override;

 private:
  [[nodiscard]] database::OrderWrite new_write(std::optional<std::string_view> traceparent) const;
  [[nodiscard]] std::string tag_of(std::string_view id, std::int64_t version) const;
  [[nodiscard]] order::TaggedOrder tagged(database::StoredOrder stored) const;
  [[nodiscard]] order::Booked<order::TaggedOrder> answer(database::Placing placing, const OrderEvent& event) const;

  Parts parts_;
};

}  // namespace foodorder::monolith
