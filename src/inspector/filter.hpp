#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/record.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace foodorder::inspector {

/// What a filter says of a record. `unjudged`: a path would have to be looked up in a value that is no JSON.
enum class Verdict { no, yes, unjudged };

/// Conditions `path op value` joined by `and`, all of which must hold: `order.price > 20 and retryCount >= 1`.
///
/// A path (`order.price`, `items[0].name`) is looked up in the JSON of the record's value, then among its headers, then
/// it may be `key`, `partition`, `offset` or `timestamp`. One that leads nowhere equals null, and nothing else. There
/// are no regular expressions, so that judging a record takes time in proportion to its size.
class Filter {
 public:
  /// Errors: invalid_argument; the message says the position, counted in characters from 1, and what is allowed there.
  static Result<Filter> parse(std::string_view text);

  [[nodiscard]] Verdict judge(const ConsumerRecord& record) const;

  enum class Operator { equal, unequal, less, at_most, greater, at_least, contains, starts_with, ends_with };
  using Literal = std::variant<std::nullptr_t, bool, double, std::string>;
  struct Step {
    std::string name;
    std::optional<std::size_t> index;  ///< set: of an array, and `name` is not used
  };
  struct Condition {
    std::string path;  ///< as it was written: a header may have that name
    std::vector<Step> steps;
    Operator op = Operator::equal;
    Literal literal;
    std::optional<Timestamp> time;  ///< of a literal that is an RFC 3339 time: then times are compared, not texts
  };

 private:
  std::vector<Condition> conditions_;
};

/// Whether `wanted` is a part of `text`, in a time that grows with their lengths only.
bool has_text(std::string_view text, std::string_view wanted) noexcept;

}  // namespace foodorder::inspector
