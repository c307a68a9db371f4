#include "foodorder/domain/order.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/domain/json.hpp"

#include <fmt/format.h>
#include <cmath>

namespace foodorder {

namespace {

constexpr std::size_t text_max_characters = 100;
constexpr std::int64_t quantity_max = 1000;
constexpr std::int64_t price_max_cents = 100'000'00;
/// Unknown fields that one answer names; a hostile body has thousands.
constexpr std::size_t unknown_fields_named_max = 16;

constexpr std::string_view text_allowed = "a string of 1 to 100 characters without control characters";
constexpr std::string_view quantity_allowed = "an integer from 1 to 1000";
constexpr std::string_view price_allowed = "a number from 0 to 100000 with at most 2 decimals";

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xc0U) == 0x80; }

/// C0, DEL and C1 (U+0080 to U+009F, in UTF-8 C2 80 to C2 9F). `text` is UTF-8.
bool has_control_characters(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && static_cast<unsigned char>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

std::optional<std::string> checked_text(const json::value& value) {
  const auto* string = value.if_string();
  if (!string || string->empty()) return {};
  const std::string_view text(string->data(), string->size());  // the parser has checked that it is UTF-8
  const auto characters =
      text.size() - static_cast<std::size_t>(std::count_if(text.begin(), text.end(), is_continuation));
  if (characters > text_max_characters || has_control_characters(text)) return {};
  return std::string(text);
}

std::optional<std::int64_t> checked_quantity(const json::value& value) {
  // 2.0 is an integer, too (JSON Schema).
  double number = 0;
  if (const auto* integer = value.if_int64()) {
    number = static_cast<double>(*integer);
  } else if (const auto* real = value.if_double()) {
    number = *real;
  }
  if (number < 1 || number > static_cast<double>(quantity_max) || std::floor(number) != number) return {};
  return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> checked_cents(const json::value& value) {
  if (const auto* integer = value.if_int64())
    return *integer < 0 || *integer > price_max_cents / 100 ? std::optional<std::int64_t>() : *integer * 100;
  const auto* real = value.if_double();
  if (!real || !(*real >= 0) || *real > static_cast<double>(price_max_cents) / 100) return {};
  const std::int64_t cents = std::llround(*real * 100);
  // Exact: the quotient is the double nearest to that decimal, as is what the parser made of the text. The text may
  // have more decimals only if they are too small to make another double.
  if (static_cast<double>(cents) / 100 != *real) return {};
  return cents;
}

/// Reads the fields of one request body and collects what is wrong with them.
class FieldReader {
 public:
  explicit FieldReader(bool is_new) : new_(is_new) {}

  ParsedFields read(std::string_view text) {
    JsonMemory memory;
    const Result<json::value> value = parse_json(text, memory.storage());
    if (!value) return malformed(fmt::format("the body is not valid JSON: {}", value.error().message));
    const auto* object = value->if_object();
    if (!object) return malformed("the body must be a JSON object");
    for (const auto& member : *object) read_member(member.key(), member.value());
    if (unknown_ > unknown_fields_named_max)
      refuse("", fmt::format("{} more unknown fields", unknown_ - unknown_fields_named_max));
    if (new_) {
      require("customerName", text_allowed);
      require("item", text_allowed);
      require("quantity", quantity_allowed);
      require("price", price_allowed);
    } else if (object->empty()) {
      refuse("", "must have at least one of customerName, item, quantity, price, status");
    }
    return std::move(parsed_);
  }

 private:
  ParsedFields malformed(std::string message) {
    parsed_.malformed = true;
    refuse("", std::move(message));
    return std::move(parsed_);
  }

  void read_member(std::string_view name, const json::value& value) {
    if (name == "customerName") {
      take(name, parsed_.fields.customer_name, checked_text(value), text_allowed);
    } else if (name == "item") {
      take(name, parsed_.fields.item, checked_text(value), text_allowed);
    } else if (name == "quantity") {
      take(name, parsed_.fields.quantity, checked_quantity(value), quantity_allowed);
    } else if (name == "price") {
      take(name, parsed_.fields.price_cents, checked_cents(value), price_allowed);
    } else if (name == "status" && !new_) {
      take(name, parsed_.fields.status, checked_text(value), text_allowed);
    } else if (name == "id" || name == "createdAt" || name == "status") {
      refuse(name, new_ ? "is set by the service and must not be given" : "cannot be changed and must not be given");
    } else if (++unknown_ <= unknown_fields_named_max) {
      refuse(shortened(name), new_ ? "is unknown; allowed are customerName, item, quantity, price"
                                   : "is unknown; allowed are customerName, item, quantity, price, status");
    }
  }

  template <class T>
  void take(std::string_view name, std::optional<T>& field, std::optional<T> value, std::string_view allowed) {
    seen_.push_back(name);
    field = std::move(value);
    if (!field) refuse(name, fmt::format("must be {}", allowed));
  }

  void require(std::string_view name, std::string_view allowed) {
    if (std::find(seen_.begin(), seen_.end(), name) == seen_.end())
      refuse(name, fmt::format("is required: {}", allowed));
  }

  void refuse(std::string_view name, std::string message) {
    parsed_.errors.emplace_back(std::string(name), std::move(message));
  }

  static std::string_view shortened(std::string_view name) {
    std::size_t length = std::min(name.size(), text_max_characters);
    while (length < name.size() && length > 0 && is_continuation(name[length])) --length;
    return name.substr(0, length);
  }

  bool new_;
  std::size_t unknown_ = 0;
  std::vector<std::string_view> seen_;
  ParsedFields parsed_;
};

std::optional<OrderAction> action_from(const json::value& value) {
  const auto* text = value.if_string();
  for (const OrderAction action : {OrderAction::created, OrderAction::updated, OrderAction::deleted})
    if (text && std::string_view(text->data(), text->size()) == to_string(action)) return action;
  return {};
}

std::optional<Timestamp> checked_time(const json::value& value) {
  const auto* text = value.if_string();
  return text ? parse_iso(std::string_view(text->data(), text->size())) : std::optional<Timestamp>();
}

/// Takes the members of a record's body one by one and remembers the first that is missing or wrong.
class EventReader {
 public:
  template <class T>
  void take(const json::object& object, std::string_view name, T& target,
            std::optional<T> (*check)(const json::value&)) {
    const json::value* value = object.if_contains(name);
    std::optional<T> checked = value ? check(*value) : std::optional<T>();
    if (checked)
      target = std::move(*checked);
    else if (problem_.empty())
      problem_ = fmt::format("{} is {}", name, value ? "not valid" : "missing");
  }

  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }

 private:
  std::string problem_;
};

Error not_an_event(std::string why) {
  return Error(Errc::invalid_argument, fmt::format("not an order event: {}", std::move(why)));
}

}  // namespace

ParsedFields parse_new_order(std::string_view json) { return FieldReader(true).read(json); }

ParsedFields parse_order_update(std::string_view json) { return FieldReader(false).read(json); }

std::string_view to_string(OrderAction action) noexcept {
  switch (action) {
    case OrderAction::created:
      return "created";
    case OrderAction::updated:
      return "updated";
    case OrderAction::deleted:
      return "deleted";
  }
  return "unknown";
}

Result<OrderEvent> parse_order_event(std::string_view text) {
  JsonMemory memory;
  const Result<json::value> value = parse_json(text, memory.storage());
  if (!value) return not_an_event(value.error().message);
  const auto* body = value->if_object();
  if (!body) return not_an_event("the body is not a JSON object");
  const json::value* inner = body->if_contains("order");
  const auto* object = inner ? inner->if_object() : nullptr;
  if (!object) return not_an_event("order is missing or not an object");
  OrderEvent event;
  EventReader reader;
  reader.take(*body, "action", event.action, action_from);
  reader.take(*body, "timestamp", event.timestamp, checked_time);
  reader.take(*object, "id", event.order.id, checked_text);
  reader.take(*object, "customerName", event.order.customer_name, checked_text);
  reader.take(*object, "item", event.order.item, checked_text);
  reader.take(*object, "quantity", event.order.quantity, checked_quantity);
  reader.take(*object, "price", event.order.price_cents, checked_cents);
  reader.take(*object, "status", event.order.status, checked_text);
  reader.take(*object, "createdAt", event.order.created_at, checked_time);
  if (!reader.problem().empty()) return not_an_event(reader.problem());
  return event;
}

std::string to_json(const Order& order) {
  std::string out;
  write_json(out, order);
  return out;
}

std::string to_json(const OrderEvent& event) {
  std::string out;
  out.reserve(384);
  out += "{\"action\":\"";
  out += to_string(event.action);
  out += "\",\"order\":";
  write_json(out, event.order);
  out += ",\"timestamp\":\"";
  out += to_iso_millis(event.timestamp);
  out += "\"}";
  return out;
}

void write_json(std::string& out, const Order& order) {
  out.reserve(out.size() + 256 + order.customer_name.size() + order.item.size());
  out += "{\"id\":";
  write_json_string(out, order.id);
  out += ",\"customerName\":";
  write_json_string(out, order.customer_name);
  out += ",\"item\":";
  write_json_string(out, order.item);
  out += ",\"quantity\":";
  out += std::to_string(order.quantity);
  out += ",\"price\":";
  out += decimal_from_cents(order.price_cents);
  out += ",\"status\":";
  write_json_string(out, order.status);
  out += ",\"createdAt\":\"";
  out += to_iso_millis(order.created_at);
  out += "\"}";
}

std::string decimal_from_cents(std::int64_t cents) {
  const bool negative = cents < 0;
  const std::uint64_t size = negative ? 0 - static_cast<std::uint64_t>(cents) : static_cast<std::uint64_t>(cents);
  std::string out = concat(negative ? "-" : "", fmt::format_int(size / 100));
  const std::uint64_t fraction = size % 100;
  if (fraction == 0) return out;
  out += '.';
  out += static_cast<char>('0' + fraction / 10);
  if (fraction % 10 != 0) out += static_cast<char>('0' + fraction % 10);
  return out;
}

}  // namespace foodorder
