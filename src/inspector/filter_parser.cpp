#include "filter_parser.hpp"

#include "foodorder/base/number.hpp"
#include "foodorder/base/utf8.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cmath>

namespace foodorder::inspector {

namespace {

using Condition = Filter::Condition;
using Operator = Filter::Operator;

constexpr std::size_t text_max_bytes = 2'000;
constexpr std::size_t conditions_max = 20;
constexpr std::size_t steps_max = 20;

constexpr std::string_view path_wanted = "a path such as order.price is expected";
constexpr std::string_view operator_wanted =
    "an operator is expected: ==, !=, <, <=, >, >=, contains, startsWith or endsWith (regular expressions are not "
    "offered)";
constexpr std::string_view value_wanted = "a value is expected: a number, a text in quotes, true, false or null";
constexpr std::string_view text_wanted = "contains, startsWith and endsWith want a text in quotes";
constexpr std::string_view and_wanted = "`and` or the end is expected";

struct Spelling {
  std::string_view text;
  Operator op;
};
// The longer ones first.
constexpr std::array signs = {
    Spelling{"==", Operator::equal},    Spelling{"!=", Operator::unequal}, Spelling{"<=", Operator::at_most},
    Spelling{">=", Operator::at_least}, Spelling{"=", Operator::equal},    Spelling{"<", Operator::less},
    Spelling{">", Operator::greater},
};
constexpr std::array words = {
    Spelling{"contains", Operator::contains},
    Spelling{"startsWith", Operator::starts_with},
    Spelling{"endsWith", Operator::ends_with},
};

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

bool is_name(char c) noexcept {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
  return letter || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '$' || c == '@' || c == ':';
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// One pass over the text; the first thing that is wrong ends it.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<std::vector<Condition>> parse() {
    if (text_.size() > text_max_bytes)
      return Error(Errc::invalid_argument, fmt::format("a filter has at most {} bytes", text_max_bytes));
    std::vector<Condition> conditions;
    do {
      if (conditions.size() == conditions_max) fail(fmt::format("a filter has at most {} conditions", conditions_max));
      Condition condition;
      read_path(condition);
      read_operator(condition);
      read_literal(condition);
      conditions.push_back(std::move(condition));
    } while (!error_ && more_conditions());
    if (error_) return *error_;
    return conditions;
  }

 private:
  void fail(std::string_view what) {
    if (error_) return;
    const std::size_t position = count_characters(text_.substr(0, at_)) + 1;
    error_ = Error(Errc::invalid_argument, fmt::format("position {}: {}", position, what));
  }

  [[nodiscard]] bool at_end() const noexcept { return at_ == text_.size(); }
  [[nodiscard]] char front() const noexcept { return at_end() ? '\0' : text_[at_]; }
  void skip_blanks() noexcept {
    while (is_blank(front())) ++at_;
  }
  std::string_view take_name() noexcept {
    const std::size_t begin = at_;
    while (is_name(front())) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void read_path(Condition& condition) {
    skip_blanks();
    const std::size_t begin = at_;
    for (bool more = true; more && !error_;) {
      const std::string_view name = take_name();
      if (name.empty()) return fail(path_wanted);
      condition.steps.push_back({std::string(name), {}});
      while (front() == '[' && !error_) read_index(condition);
      if (condition.steps.size() > steps_max) return fail(fmt::format("a path has at most {} steps", steps_max));
      more = front() == '.';
      if (more) ++at_;
    }
    condition.path = text_.substr(begin, at_ - begin);
  }

  void read_index(Condition& condition) {
    const std::size_t close = text_.find(']', at_);
    const std::size_t digits = at_ + 1;
    const auto index = close == std::string_view::npos
                           ? std::nullopt
                           : parse_number<std::size_t>(text_.substr(digits, close - digits));
    if (!index) return fail("a number in brackets is expected, such as [0]");
    condition.steps.push_back({"", *index});
    at_ = close + 1;
  }

  void read_operator(Condition& condition) {
    skip_blanks();
    for (const Spelling& sign : signs) {
      if (!text_.substr(at_).starts_with(sign.text)) continue;
      at_ += sign.text.size();
      condition.op = sign.op;
      return;
    }
    const std::size_t begin = at_;
    const std::string_view word = take_name();
    for (const Spelling& known : words) {
      if (!equal_ignoring_case(known.text, word)) continue;
      condition.op = known.op;
      return;
    }
    at_ = begin;
    fail(operator_wanted);
  }

  void read_literal(Condition& condition) {
    skip_blanks();
    const bool of_text = condition.op == Operator::contains || condition.op == Operator::starts_with ||
                         condition.op == Operator::ends_with;
    if (front() == '"' || front() == '\'') return read_text(condition);
    if (of_text) return fail(text_wanted);
    const std::size_t begin = at_;
    while (is_name(front()) || front() == '.' || front() == '+') ++at_;
    const std::string_view word = text_.substr(begin, at_ - begin);
    const auto number = parse_number<double>(word);
    if (number && std::isfinite(*number)) {
      condition.literal = *number;
    } else if (word == "true" || word == "false") {
      condition.literal = word == "true";
    } else if (word != "null") {
      at_ = begin;
      fail(value_wanted);
    }
  }

  /// Up to the same quote; a backslash takes the next character as it is.
  void read_text(Condition& condition) {
    const char quote = front();
    std::string value;
    for (std::size_t i = at_ + 1; i < text_.size(); ++i) {
      if (text_[i] == quote) {
        at_ = i + 1;
        condition.time = parse_iso(value);
        condition.literal = std::move(value);
        return;
      }
      if (text_[i] == '\\' && i + 1 < text_.size()) ++i;
      value += text_[i];
    }
    fail("the text that begins here has no closing quote");
  }

  bool more_conditions() {
    const std::size_t before = at_;
    skip_blanks();
    if (at_end()) return false;
    const bool apart = at_ > before;
    const std::size_t begin = at_;
    const std::string_view word = take_name();
    if (apart && equal_ignoring_case(word, "and")) return true;
    at_ = begin;
    fail(and_wanted);
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<std::vector<Condition>> parse_conditions(std::string_view text) { return Parser(text).parse(); }

}  // namespace foodorder::inspector
