#pragma once

#include "foodorder/bus/record.hpp"
#include "foodorder/http/problems.hpp"

#include <optional>
#include <string>
#include <vector>

namespace foodorder::inspector {

/// Which messages of a topic were asked for; read from the query.
struct MessageQuery {
  static constexpr std::size_t limit_max = 500;

  /// `partition`, `from` (oldest, newest, an offset, an RFC 3339 time, or from 10^12 on milliseconds since the epoch;
  /// beginning and earliest mean oldest, end and latest newest),
  /// `before` (an offset of `partition`, to page back with `newest`), `limit` of each partition (1..500, default 100),
  /// `key`, `header` (name or name:value), `text`. What is wrong goes to `errors`.
  static MessageQuery from_request(const http::Request& request, std::int32_t partitions,
                                   std::vector<http::ProblemField>& errors);

  [[nodiscard]] bool matches(const Record& record) const;

  std::optional<std::int32_t> partition;
  Where from = Where::beginning();
  bool newest = true;                  ///< the last `limit` ones, whatever `from` says
  std::optional<std::int64_t> before;  ///< of newest: those before this offset
  std::size_t limit = 100;
  std::optional<std::string> key;
  std::optional<std::string> header_name;
  std::optional<std::string> header_value;
  std::optional<std::string> text;
};

}  // namespace foodorder::inspector
