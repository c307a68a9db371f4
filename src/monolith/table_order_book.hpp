#pragma once

#include "database/order_database.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"
#include "monolith/fraud_gate.hpp"
#include "order_http/feed_reader.hpp"
#include "order_http/order_book.hpp"

namespace foodorder::monolith {

/// What an error of the database means to who writes that order.
order::Refusal refusal_of(const Error& error, std::string_view order_id);

/// The orders in a database: each call is one transaction. What was acknowledged is seen by every later call, and the
/// database does one write after the other, so no order needs a lock.
class TableOrderBook final : public order::OrderBook {
 public:
  /// All of it outlives the book. `live` is open before the first list.
  struct Parts {
    database::OrderDatabase& orders;
    Clock& clock;
    IdSource& ids;
    FraudGate& gate;
    const order::FeedReader& live;
    bool orders_only = false;  ///< other databases have the topics beside `orders`
  };

  explicit TableOrderBook(const Parts& parts) : parts_(parts) {}

  [[nodiscard]] bool ready() const override { return true; }
  Task<order::Booked<order::TaggedOrder>> place(const order::NewOrder& wanted) override;
  Task<order::Booked<order::TaggedOrder>> change(const order::OrderChange& wanted) override;
  Task<order::Booked<order::TaggedOrder>> find(std::string_view id) override;
  Task<order::Booked<order::ListPage>> list(const order::ListQuery& query, const Each& each) override;
  Task<std::optional<Timestamp>> first_logged(std::string_view id) override;

  // For a book that does more than this one beside each write.

  /// With ids and times that no other write has.
  [[nodiscard]] database::OrderWrite new_write(std::optional<std::string_view> traceparent) const;
  [[nodiscard]] order::Booked<order::TaggedOrder> answer(database::Placing placing, const OrderEvent& event) const;
  /// The change as this write, at that time.
  Task<order::Booked<order::TaggedOrder>> change_by(const order::OrderChange& wanted, database::OrderWrite write,
                                                    Timestamp now);

 private:
  [[nodiscard]] std::string tag_of(std::string_view id, std::int64_t version) const;
  [[nodiscard]] order::TaggedOrder tagged(database::StoredOrder stored) const;

  Parts parts_;
};

}  // namespace foodorder::monolith
