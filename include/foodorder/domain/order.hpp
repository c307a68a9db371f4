#pragma once

#include "foodorder/base/result.hpp"
#include "foodorder/base/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder {

struct Order {
  bool operator==(const Order&) const = default;

  std::string id;  ///< a UUID
  std::string customer_name;
  std::string item;
  std::int64_t quantity = 0;
  std::int64_t price_cents = 0;  ///< of one; money is integer cents inside, decimals only in JSON
  std::string status;
  Timestamp created_at{};

  [[nodiscard]] std::int64_t total_cents() const noexcept { return quantity * price_cents; }
};

/// One thing that is wrong with a request, as the `errors` array of its problem+json names it.
struct FieldError {
  FieldError(std::string field_name, std::string what) : field(std::move(field_name)), message(std::move(what)) {}

  bool operator==(const FieldError&) const = default;

  std::string field;
  std::string message;  ///< says what is allowed
};

/// What a client may say of an order. Absent fields are not changed by an update.
struct OrderFields {
  std::optional<std::string> customer_name;
  std::optional<std::string> item;
  std::optional<std::int64_t> quantity;
  std::optional<std::int64_t> price_cents;
  std::optional<std::string> status;
};

/// A request body, read: the fields; or all that is wrong with it at once.
struct ParsedFields {
  OrderFields fields;
  std::vector<FieldError> errors;
  bool malformed = false;  ///< not JSON at all, or not an object: HTTP 400 instead of 422
};

/// POST needs customerName, item, quantity and price, and takes no status; PUT and PATCH need one field at least.
ParsedFields parse_new_order(std::string_view json);
ParsedFields parse_order_update(std::string_view json);

enum class OrderAction { created, updated, deleted };

/// "created", "updated", "deleted".
std::string_view to_string(OrderAction action) noexcept;

/// The body of a record on `orders`.
struct OrderEvent {
  bool operator==(const OrderEvent&) const = default;

  OrderAction action = OrderAction::created;
  Order order;
  Timestamp timestamp{};
};

/// Reads the body of an `orders` record. Checks what the modules rely on; unknown fields are ignored.
Result<OrderEvent> parse_order_event(std::string_view json);

std::string to_json(const Order& order);
std::string to_json(const OrderEvent& event);

/// Appends to `out`; the one writer of an order's JSON.
void write_json(std::string& out, const Order& order);

/// "12.99", "5", "0.5": the shortest decimal, as JSON carries money.
std::string decimal_from_cents(std::int64_t cents);

}  // namespace foodorder
