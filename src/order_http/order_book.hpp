#pragma once

#include "foodorder/base/task.hpp"
#include "foodorder/base/time.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/http/conditions.hpp"

#include <boost/system/result.hpp>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace foodorder::order {

/// An order, and the strong entity tag of its content: two contents of one order never share it, also not across a
/// restart or another log.
struct TaggedOrder {
  TaggedOrder(Order what, std::string its_tag) : order(std::move(what)), tag(std::move(its_tag)) {}

  Order order;
  std::string tag;  ///< in quotes
};

/// Why the book does not do what it was asked for.
struct Refusal {
  enum class Why {
    not_found,             ///< there is no order `order_id`
    if_match_failed,       ///< `detail`: the tag that the order has
    if_none_match_failed,  ///< likewise
    key_reused,            ///< the Idempotency-Key placed order `order_id`, with another body
    key_too_old,           ///< it placed order `order_id`, which lives; with which body is forgotten
    fraud,                 ///< it looks like fraud; `detail`: {customerName, alerts, windowStats} as JSON
    check_failed,          ///< nobody could say whether it is fraud, because of `detail`; nothing was written
    book_full,             ///< it has as many live orders as it may have
    too_many_waiting,      ///< as many writes to this order wait as may
    queue_full,            ///< too many writes are under way; nothing was written
    too_large,             ///< the order is too large to be written
    unavailable,           ///< nothing was written, because of `detail`
    outcome_unknown,       ///< the write to `order_id` may have happened, or happen yet; further ones wait for that
  };

  Refusal() = default;  // boost::system::result wants one
  Refusal(Why reason, std::string_view id, std::string text = {})
      : why(reason), order_id(id), detail(std::move(text)) {}

  Why why = Why::unavailable;
  std::string order_id;
  std::string detail;
};

template <class T>
using Booked = boost::system::result<T, Refusal>;

/// An order to be placed. What it views outlives the call.
struct NewOrder {
  const OrderFields& fields;                    ///< checked
  std::optional<std::string_view> key;          ///< the Idempotency-Key
  std::optional<std::string_view> traceparent;  ///< of the request
};

/// A change of one order. What it views outlives the call.
struct OrderChange {
  std::string_view id;
  OrderAction action;         ///< updated or deleted
  const OrderFields& fields;  ///< checked; none for a deletion
  http::Conditions conditions;
  std::optional<std::string_view> traceparent;
};

struct ListQuery {
  std::size_t limit = 0;
  std::optional<std::string> after;  ///< the order to continue after; it may have been deleted meanwhile
  bool newest_first = false;
};

/// What is said of a page of the list, besides its orders.
struct ListPage {
  ListPage(bool others, std::size_t all, std::string position)
      : more(others), total(all), event_id(std::move(position)) {}

  bool more;          ///< others follow behind it
  std::size_t total;  ///< live orders
  /// Where the event stream continues this list: no order is told twice or missed.
  std::string event_id;
};

/// The orders of one architecture, as the order API needs them. All calls come from the loop's thread, and several may
/// be under way.
class OrderBook {
 public:
  using Each = std::function<void(const Order& order)>;

  virtual ~OrderBook() = default;

  /// It knows all orders that there were when it began: requests can be taken.
  [[nodiscard]] virtual bool ready() const = 0;

  /// Completes when the order is as durable as it will be, or is refused. Of requests with one key, also at the same
  /// time, in other processes and after a restart, one places the order, and all get it as it was placed.
  virtual Task<Booked<TaggedOrder>> place(const NewOrder& wanted) = 0;

  /// Writes to one order are done one after the other, in the order in which they came. The conditions are judged when
  /// its turn has come. Gives the order as it is now; of a deletion, as it was last.
  virtual Task<Booked<TaggedOrder>> change(const OrderChange& change) = 0;

  /// Errors: not_found, unavailable.
  virtual Task<Booked<TaggedOrder>> find(std::string_view id) = 0;

  /// Calls `each` with the live orders of a page, by age, then id. Errors: not_found if there was never an order
  /// `after`, unavailable.
  virtual Task<Booked<ListPage>> list(const ListQuery& query, const Each& each) = 0;

  /// No record about this order has an earlier time in the log; nothing if that is not known.
  virtual Task<std::optional<Timestamp>> first_logged(std::string_view id) = 0;
};

}  // namespace foodorder::order
