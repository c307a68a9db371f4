#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/base/result.hpp"
#include "foodorder/domain/event_ids.hpp"
#include "foodorder/domain/order.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace foodorder::loyalty {

inline constexpr std::string_view source = "loyalty-service";
inline constexpr std::string_view points_added = "POINTS_ADDED";
inline constexpr std::int64_t points_per_unit_max = 1'000;

/// Points that were given for one order: a record on `audit` in our words.
struct Gift {
  Gift(std::string customer, std::int64_t count) : customer_name(std::move(customer)), points(count) {}

  bool operator==(const Gift&) const = default;

  std::string customer_name;
  std::int64_t points;
};

/// Points for each whole unit of money (euro, dollar) of the order's total; what is left over gives none.
std::int64_t points_for(const Order& order, std::int64_t points_per_unit) noexcept;

/// What the body of POINTS_ADDED says of a gift, written and read. Errors of reading: invalid_argument.
void add_members(JsonObject& body, const Gift& gift);
Result<Gift> parse_gift(std::string_view body);

/// The points of each customer: the sum of the records on `audit`. The same gifts give the same balances in whichever
/// order the customers come and however often each gift stands there, as long as a repetition comes within `seen_max`
/// gifts. Pure.
class Ledger {
 public:
  static constexpr std::size_t seen_max = 262'144;
  static constexpr std::size_t customers_shown = 10;

  /// Balances are kept of that many customers; what those get that come later is only summed up.
  explicit Ledger(std::size_t customers_max) : customers_max_(customers_max) {}

  void add(const EventKey& event, const Gift& gift);

  /// 0 for a customer who is not known.
  [[nodiscard]] std::int64_t balance(std::string_view customer_name) const;

  /// {points, orders, customers, otherPoints, topCustomers: [{customerName, points}]}; `otherPoints` are of the
  /// customers without a balance of their own.
  [[nodiscard]] json::object figures() const;

 private:
  std::size_t customers_max_;
  SeenEvents seen_{seen_max};
  std::map<std::string, std::int64_t, std::less<>> balances_;
  std::int64_t orders_ = 0;
  std::int64_t points_ = 0;
  std::int64_t other_points_ = 0;
};

}  // namespace foodorder::loyalty
