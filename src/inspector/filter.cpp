#include "filter.hpp"

#include "filter_parser.hpp"
#include "foodorder/base/number.hpp"

#include <compare>
#include <cstring>

namespace foodorder::inspector {

namespace {

using Condition = Filter::Condition;
using Operator = Filter::Operator;

/// What a path has led to. Nothing: nowhere, or to a null. `json::value` is an array or an object.
struct Found {
  std::variant<std::nullptr_t, bool, double, std::string_view, const json::value*> what = nullptr;
  bool from_header = false;  ///< a text that may stand for a number
};

Found found_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::bool_:
      return {value.get_bool()};
    case json::kind::int64:
      return {static_cast<double>(value.get_int64())};
    case json::kind::uint64:
      return {static_cast<double>(value.get_uint64())};
    case json::kind::double_:
      return {value.get_double()};
    case json::kind::string:
      return {std::string_view(value.get_string())};
    case json::kind::null:
      return {};
    default:
      return {&value};
  }
}

const json::value* follow(const json::value& body, const std::vector<Filter::Step>& steps) {
  const json::value* at = &body;
  for (const Filter::Step& step : steps) {
    if (step.index) {
      const json::array* array = at->if_array();
      at = array ? array->if_contains(*step.index) : nullptr;
    } else {
      const json::object* object = at->if_object();
      at = object ? object->if_contains(step.name) : nullptr;
    }
    if (!at) return nullptr;
  }
  return at;
}

template <class Ordering>
bool holds(Operator op, Ordering order) {
  switch (op) {
    case Operator::equal:
      return order == 0;
    case Operator::unequal:
      return order != 0;
    case Operator::less:
      return order < 0;
    case Operator::at_most:
      return order <= 0;
    case Operator::greater:
      return order > 0;
    case Operator::at_least:
      return order >= 0;
    default:
      return false;
  }
}

bool text_holds(const Condition& condition, std::string_view text) {
  const std::string& wanted = std::get<std::string>(condition.literal);
  switch (condition.op) {
    case Operator::contains:
      return has_text(text, wanted);
    case Operator::starts_with:
      return text.starts_with(wanted);
    case Operator::ends_with:
      return text.ends_with(wanted);
    default:
      break;
  }
  if (condition.time)
    if (const auto time = parse_iso(text)) return holds(condition.op, *time <=> *condition.time);
  return holds(condition.op, text <=> std::string_view(wanted));
}

/// Another type, or nothing: it is unequal, and no more can be said.
bool differs(const Condition& condition) { return condition.op == Operator::unequal; }

bool number_holds(const Condition& condition, const Found& found) {
  const double wanted = std::get<double>(condition.literal);
  if (const double* number = std::get_if<double>(&found.what)) return holds(condition.op, *number <=> wanted);
  const auto* text = std::get_if<std::string_view>(&found.what);
  if (!text || !found.from_header) return differs(condition);
  const auto number = parse_number<double>(*text);
  return number ? holds(condition.op, *number <=> wanted) : differs(condition);
}

bool bool_holds(const Condition& condition, const Found& found) {
  const bool wanted = std::get<bool>(condition.literal);
  const auto* text = std::get_if<std::string_view>(&found.what);
  if (text && found.from_header && (*text == "true" || *text == "false"))
    return holds(condition.op, (*text == "true") <=> wanted);
  const bool* is = std::get_if<bool>(&found.what);
  return is ? holds(condition.op, *is <=> wanted) : differs(condition);
}

bool condition_holds(const Condition& condition, const Found& found) {
  if (std::holds_alternative<double>(condition.literal)) return number_holds(condition, found);
  if (std::holds_alternative<bool>(condition.literal)) return bool_holds(condition, found);
  if (std::holds_alternative<std::string>(condition.literal)) {
    const auto* text = std::get_if<std::string_view>(&found.what);
    return text ? text_holds(condition, *text) : differs(condition);
  }
  const bool is_null = std::holds_alternative<std::nullptr_t>(found.what);
  return condition.op == Operator::equal ? is_null : differs(condition) && !is_null;
}

/// A record while it is judged: its value is parsed when a path needs it.
class Judged {
 public:
  explicit Judged(const ConsumerRecord& record) : record_(record), body_(memory_.storage()) {}

  Verdict judge(const Condition& condition) {
    const bool body = parse();
    const json::value* in_body = body ? follow(body_, condition.steps) : nullptr;
    if (in_body) return verdict(condition, found_of(*in_body));
    if (const auto header = find_header(record_.record->headers, condition.path))
      return verdict(condition, Found{*header, true});
    if (const auto own = property(condition)) return verdict(condition, *own);
    if (!body && record_.record->value()) return Verdict::unjudged;
    return verdict(condition, Found());
  }

 private:
  static Verdict verdict(const Condition& condition, const Found& found) {
    return condition_holds(condition, found) ? Verdict::yes : Verdict::no;
  }

  /// Whether the value is JSON.
  bool parse() {
    if (!looked_ && record_.record->value()) {
      auto parsed = parse_json(*record_.record->value(), memory_.storage());
      if (parsed) body_ = std::move(*parsed);
      is_json_ = parsed.has_value();
    }
    looked_ = true;
    return is_json_;
  }

  std::optional<Found> property(const Condition& condition) {
    const std::string_view name = condition.path;
    if (name == "offset") return Found{static_cast<double>(record_.position.offset)};
    if (name == "partition") return Found{static_cast<double>(record_.position.tp.partition)};
    if (name == "key") {
      if (!record_.record->key()) return Found();
      return Found{*record_.record->key()};
    }
    if (name != "timestamp") return {};
    const Timestamp time = record_.record->timestamp;
    if (std::holds_alternative<double>(condition.literal)) return Found{static_cast<double>(to_unix_millis(time))};
    iso_ = std::string(to_iso_millis(time));
    return Found{std::string_view(iso_)};
  }

  const ConsumerRecord& record_;
  JsonMemory memory_;
  json::value body_;
  std::string iso_;
  bool looked_ = false;
  bool is_json_ = false;
};

}  // namespace

// std::string_view::find() compares at each place that may be a beginning: "aaab" in a MiB of "a" holds up the loop.
bool has_text(std::string_view text, std::string_view wanted) noexcept {
  return ::memmem(text.data(), text.size(), wanted.data(), wanted.size()) != nullptr;
}

Result<Filter> Filter::parse(std::string_view text) {
  auto conditions = parse_conditions(text);
  if (!conditions) return conditions.error();
  Filter filter;
  filter.conditions_ = std::move(*conditions);
  return filter;
}

Verdict Filter::judge(const ConsumerRecord& record) const {
  Judged judged(record);
  Verdict all = Verdict::yes;
  for (const Condition& condition : conditions_) {
    const Verdict one = judged.judge(condition);
    if (one == Verdict::no) return Verdict::no;
    if (one == Verdict::unjudged) all = Verdict::unjudged;
  }
  return all;
}

}  // namespace foodorder::inspector
