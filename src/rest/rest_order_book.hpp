#pragma once

#include "arrows.hpp"
#include "database/service_tables.hpp"
#include "keyed_placings.hpp"
#include "monolith/table_order_book.hpp"

namespace foodorder::rest {

/// What becomes of an order that nobody could check.
enum class OnFraudDown { reject, accept };

/// The orders of the order service, which asks and tells the others: the fraud service before an order is placed, the
/// notification and the audit service after each write. A write that is in the database is done, whatever the others
/// say: what failed behind it is a gap. With an outbox they are told later, from the database.
class RestOrderBook final : public order::OrderBook {
 public:
  /// All of it outlives the book.
  struct Parts {
    database::ServiceStore& store;
    Clock& clock;
    IdSource& ids;
    Arrows& arrows;
    const order::FeedReader& live;
    KeyedPlacings& placings;
    OnFraudDown on_fraud_down = OnFraudDown::reject;
    bool outbox = false;
  };

  explicit RestOrderBook(const Parts& parts);

  [[nodiscard]] bool ready() const override { return true; }
  Task<order::Booked<order::TaggedOrder>> place(const order::NewOrder& wanted) override;
  Task<order::Booked<order::TaggedOrder>> change(const order::OrderChange& wanted) override;
  Task<order::Booked<order::TaggedOrder>> find(std::string_view id) override { return table_.find(id); }
  Task<order::Booked<order::ListPage>> list(const order::ListQuery& query, const Each& each) override {
    return table_.list(query, each);
  }
  Task<std::optional<Timestamp>> first_logged(std::string_view id) override { return table_.first_logged(id); }

 private:
  /// What came of an order that was checked and inserted, or was not.
  struct Made {
    order::Booked<order::TaggedOrder> answer;
    database::OrderWrite write;
    bool is_new = false;                    ///< the others are to hear of it
    std::optional<database::Verdict> note;  ///< then: what audit hears, too
  };

  Task<Made> make(const order::NewOrder& wanted, std::string id, std::optional<std::string> body_hash);
  /// Fills in what the order is placed with; or why it is not placed. One that is placed already is not asked about.
  Task<std::optional<order::Refusal>> check(database::NewOrder& order);
  Task<std::optional<order::Refusal>> ask_fraud(database::NewOrder& order);
  Task<Result<bool>> is_placed(const database::NewOrder& order);
  /// A step ends.
  void keep(const database::OrderWrite& write, std::string_view step, Timestamp begun, std::string_view outcome);
  Task<> tell(database::OrderWrite write, std::optional<database::Verdict> note);
  Task<> tell_notification(calls::Call call);
  Task<> tell_audit(database::LoggedEvent event);

  Parts parts_;
  monolith::FraudGate no_gate_;  ///< another service's
  monolith::TableOrderBook table_;
};

}  // namespace foodorder::rest
