#include "foodorder/domain/order.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/utf8.hpp"

#include <fmt/format.h>
#include <algorithm>

namespace foodorder {

namespace {

/// Unknown fields that one answer names; a hostile body has thousands.
constexpr std::size_t unknown_fields_named_max = 16;

/// Calls `visit(field, index)` for each field of the table.
template <class Visit>
void for_each_field(Visit visit) {
  std::apply(
      [&](const auto&... field) {
        std::size_t index = 0;
        (visit(field, index++), ...);
      },
      order_fields);
}

/// Whether a client may give that field.
bool is_allowed(FieldUse use, bool is_new) noexcept {
  return use != FieldUse::service && !(is_new && use == FieldUse::update_only);
}

/// "customerName, item, quantity, price"
std::string allowed_names(bool is_new) {
  std::string names;
  for_each_field([&](const auto& field, std::size_t) {
    if (is_allowed(field.use, is_new)) append(names, names.empty() ? "" : ", ", field.name);
  });
  return names;
}

/// Reads the fields of one request body and collects what is wrong with them.
class RequestReader {
 public:
  explicit RequestReader(bool is_new) : new_(is_new) {}

  ParsedFields read(std::string_view text) {
    JsonMemory memory;
    const Result<json::value> value = parse_json(text, memory.storage());
    if (!value) return malformed(fmt::format("the body is not valid JSON: {}", value.error().message));
    const auto* object = value->if_object();
    if (!object) return malformed("the body must be a JSON object");
    for (const auto& member : *object) read_member(member.key(), member.value());
    if (unknown_ > unknown_fields_named_max)
      refuse("", fmt::format("{} more unknown fields", unknown_ - unknown_fields_named_max));
    if (new_)
      require_fields(*object);
    else if (object->empty())
      refuse("", "must have at least one of " + allowed_names(new_));
    return std::move(parsed_);
  }

 private:
  ParsedFields malformed(std::string message) {
    parsed_.malformed = true;
    refuse("", std::move(message));
    return std::move(parsed_);
  }

  void read_member(std::string_view name, const json::value& value) {
    bool known = false;
    for_each_field([&](const auto& field, std::size_t index) {
      if (field.name != name) return;
      known = true;
      take(field, index, value);
    });
    if (!known && ++unknown_ <= unknown_fields_named_max)
      refuse(shortened(name), "is unknown; allowed are " + allowed_names(new_));
  }

  template <class Field>
  void take(const Field& field, std::size_t index, const json::value& value) {
    if (!is_allowed(field.use, new_)) {
      refuse(field.name,
             new_ ? "is set by the service and must not be given" : "cannot be changed and must not be given");
    } else if (auto checked = field.rule.from_request(value)) {
      parsed_.fields.values.*field.member = std::move(*checked);
      parsed_.fields.given.set(index);
    } else {
      refuse(field.name, fmt::format("must be {}", field.rule.allowed));
    }
  }

  void require_fields(const json::object& body) {
    for_each_field([&](const auto& field, std::size_t) {
      if (field.use == FieldUse::required && !body.contains(field.name))
        refuse(field.name, fmt::format("is required: {}", field.rule.allowed));
    });
  }

  void refuse(std::string_view name, std::string message) {
    parsed_.errors.emplace_back(std::string(name), std::move(message));
  }

  bool new_;
  std::size_t unknown_ = 0;
  ParsedFields parsed_;
};

/// Takes the members of a record's body one by one and remembers the first that is missing or wrong.
class RecordReader {
 public:
  template <class T>
  void take(const json::object& object, std::string_view name, T& target, std::optional<T> (*check)(const json::value&),
            bool may_be_absent = false) {
    const json::value* value = object.if_contains(name);
    if (!value && may_be_absent) return;
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

std::optional<OrderAction> action_from(const json::value& value) {
  const auto* text = value.if_string();
  for (const OrderAction action : {OrderAction::created, OrderAction::updated, OrderAction::deleted})
    if (text && std::string_view(text->data(), text->size()) == to_string(action)) return action;
  return {};
}

Error not_an_event(std::string why) {
  return Error(Errc::invalid_argument, fmt::format("not an order event: {}", std::move(why)));
}

}  // namespace

ParsedFields parse_new_order(std::string_view json) { return RequestReader(true).read(json); }

ParsedFields parse_order_update(std::string_view json) { return RequestReader(false).read(json); }

void merge(Order& order, const OrderFields& fields) {
  for_each_field([&](const auto& field, std::size_t index) {
    if (fields.given[index]) order.*field.member = fields.values.*field.member;
  });
}

std::string fingerprint(const OrderFields& fields) {
  TextBuffer text;
  for_each_field([&](const auto& field, std::size_t index) {
    if (!fields.given[index]) return;
    append(text, field.name, "=");
    field.rule.write(text, fields.values.*field.member);
    text += '\n';
  });
  return text.str();
}

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
  RecordReader reader;
  reader.take(*body, "action", event.action, action_from);
  reader.take(*body, "timestamp", event.timestamp, time_rule.from_record);
  for_each_field([&](const auto& field, std::size_t) {
    reader.take(*object, field.name, event.order.*field.member, field.rule.from_record,
                field.use == FieldUse::optional);
  });
  if (!reader.problem().empty()) return not_an_event(reader.problem());
  return event;
}

std::string to_json(const Order& order) {
  JsonObject out;
  add_members(out, order);
  return out.take();
}

std::string to_json(const OrderEvent& event) {
  JsonObject out;
  add_members(out, event);
  return out.take();
}

void add_members(JsonObject& out, const Order& order) {
  for_each_field([&](const auto& field, std::size_t) {
    const auto& value = order.*field.member;
    if (field.use == FieldUse::optional && value == std::decay_t<decltype(value)>()) return;
    field.rule.write(out.begin(field.name), value);
  });
}

void add_members(JsonObject& out, const OrderEvent& event) {
  out.add("action", to_string(event.action))
      .add_object("order", [&](JsonObject& inner) { add_members(inner, event.order); })
      .add("timestamp", event.timestamp);
}

}  // namespace foodorder
