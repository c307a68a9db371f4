#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/base/result.hpp"
#include "foodorder/base/time.hpp"

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace foodorder {

struct Order {
  bool operator==(const Order&) const = default;

  std::string id;  ///< a UUID, unless a foreign producer chose it
  std::string customer_name;
  std::string item;
  std::int64_t quantity = 0;
  std::int64_t price_cents = 0;  ///< of one; money is integer cents inside, decimals only in JSON
  std::string status;
  Timestamp created_at{};

  [[nodiscard]] std::int64_t total_cents() const noexcept { return quantity * price_cents; }
};

/// How the values of a field are read from JSON and written to it.
template <class T>
struct FieldRule {
  std::string_view allowed;  ///< what is allowed, in words: "an integer from 1 to 1000"
  std::optional<T> (*from_request)(const json::value& value);  ///< checked, and normalised where that applies
  std::optional<T> (*from_record)(const json::value& value);   ///< checked, and kept as its writer wrote it
  void (*write)(TextBuffer& out, const T& value);
};

extern const FieldRule<std::string> text_rule;
extern const FieldRule<std::int64_t> quantity_rule;
extern const FieldRule<std::int64_t> price_rule;
extern const FieldRule<Timestamp> time_rule;

/// Who gives a field its value.
enum class FieldUse {
  service,      ///< the service; a client must not
  required,     ///< the client, with each new order; it may change it
  optional,     ///< the client, if it likes; absent in JSON while it has no value
  update_only,  ///< the service, with a new order; the client may change it
};

template <class T>
struct OrderField {
  std::string_view name;  ///< in JSON
  T Order::* member;
  const FieldRule<T>& rule;
  FieldUse use;
};

/// The order, field by field. Reading, checking, merging, writing and the fingerprint of a request all walk this table,
/// so a new field is a member of Order and a line here. JSON has them in this order.
inline constexpr std::tuple order_fields{
    OrderField<std::string>{"id", &Order::id, text_rule, FieldUse::service},
    OrderField<std::string>{"customerName", &Order::customer_name, text_rule, FieldUse::required},
    OrderField<std::string>{"item", &Order::item, text_rule, FieldUse::required},
    OrderField<std::int64_t>{"quantity", &Order::quantity, quantity_rule, FieldUse::required},
    OrderField<std::int64_t>{"price", &Order::price_cents, price_rule, FieldUse::required},
    OrderField<std::string>{"status", &Order::status, text_rule, FieldUse::update_only},
    OrderField<Timestamp>{"createdAt", &Order::created_at, time_rule, FieldUse::service},
};
inline constexpr std::size_t order_fields_count = std::tuple_size_v<decltype(order_fields)>;

/// One thing that is wrong with a request, as the `errors` array of its problem+json names it.
struct FieldError {
  FieldError(std::string field_name, std::string what) : field(std::move(field_name)), message(std::move(what)) {}

  bool operator==(const FieldError&) const = default;

  std::string field;
  std::string message;  ///< says what is allowed
};

/// What a client says of an order: some of its fields.
struct OrderFields {
  Order values;
  std::bitset<order_fields_count> given;  ///< which of order_fields have a value in `values`
};

/// Gives `order` the fields that are given.
void merge(Order& order, const OrderFields& fields);

/// The same text for the same fields, whatever the white space and the order of the request that gave them.
std::string fingerprint(const OrderFields& fields);

/// A request body, read: the fields; or all that is wrong with it at once.
struct ParsedFields {
  OrderFields fields;
  std::vector<FieldError> errors;
  bool malformed = false;  ///< not JSON at all, or not an object: HTTP 400 instead of 422
};

/// POST needs all required fields; PUT and PATCH need one field at least. Texts come out trimmed and in NFC.
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

/// The one writer of the JSON of an order, and of an event.
void add_members(JsonObject& out, const Order& order);
void add_members(JsonObject& out, const OrderEvent& event);

/// "12.99", "5", "0.5": the shortest decimal, as JSON carries money.
std::string decimal_from_cents(std::int64_t cents);

}  // namespace foodorder
