#pragma once

#include "filter.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/problems.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::inspector {

using Problems = std::vector<http::ProblemField>;

/// Which messages of a topic were asked for, and how; read from the query.
struct MessageQuery {
  static constexpr std::size_t limit_max = 500;

  enum class Shape {
    page,
    stream,         ///< NDJSON with progress, to the end as it is at first
    live,           ///< the same, and then what comes
    export_ndjson,  ///< messages only
    export_csv,
  };

  /// The parameters of `GET /api/bus/topics/{topic}/messages`; web/openapi.json says what each means. What is wrong
  /// goes to `errors`.
  static MessageQuery from_request(const http::Request& request, std::int32_t partitions, Problems& errors);

  /// Whether a record is one of those that were asked for.
  [[nodiscard]] Verdict judge(const ConsumerRecord& record) const;

  Shape shape = Shape::page;

  std::optional<std::int32_t> partition;
  Where from = Where::beginning();
  bool newest = true;                          ///< of a page: the last `limit` ones, whatever `from` says
  std::optional<std::int64_t> before;          ///< of newest: those before this offset
  std::map<std::int32_t, std::int64_t> start;  ///< of a stream: offsets by partition, in the place of `from`
  std::size_t limit = 100;                     ///< of a page, of each partition
  std::optional<std::size_t> count;            ///< of a stream: ends after so many
  Isolation isolation = Isolation::committed;
  bool latest_per_key = false;

  bool null_key = false;
  std::optional<std::string> key;
  std::optional<std::string> header_name;
  std::optional<std::string> header_value;
  std::optional<std::string> text;
  std::optional<bool> tombstone;  ///< only those, or none
  std::optional<Filter> filter;

  bool all_headers = false;
  std::optional<std::size_t> value_max_bytes;
};

/// A parameter that is on when it stands there alone (`?live`) or with true or 1.
bool read_flag(const http::Request& request, std::string_view name, Problems& errors);

}  // namespace foodorder::inspector
