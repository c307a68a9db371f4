#include "message_filter.hpp"

#include "foodorder/base/number.hpp"

#include <fmt/format.h>

namespace foodorder::inspector {

namespace {

// From here on a number is milliseconds since the epoch (September 2001), below it is an offset: no partition here has
// a million million records.
constexpr std::int64_t first_time_ms = 1'000'000'000'000;
constexpr std::int64_t last_time_ms = 253'402'300'799'999;  // of the year 9999

std::optional<Where> to_where(std::string_view text) {
  if (text == "oldest" || text == "beginning" || text == "earliest") return Where::beginning();
  const auto number = parse_number<std::int64_t>(text);
  if (number && *number >= first_time_ms && *number <= last_time_ms) return Where::at_time(from_unix_millis(*number));
  if (number && *number >= 0 && *number < first_time_ms) return Where::at_offset(*number);
  if (const auto time = parse_iso(text)) return Where::at_time(*time);
  return {};
}

}  // namespace

MessageQuery MessageQuery::from_request(const http::Request& request, std::int32_t partitions,
                                        std::vector<http::ProblemField>& errors) {
  MessageQuery query;
  if (const auto text = request.query("partition")) {
    const auto number = parse_number<std::int64_t>(*text);
    if (number && *number >= 0 && *number < partitions)
      query.partition = static_cast<std::int32_t>(*number);
    else
      errors.emplace_back("partition", fmt::format("must be a number from 0 to {}", partitions - 1));
  }
  if (const auto text = request.query("from"); text && *text != "newest" && *text != "end" && *text != "latest") {
    query.newest = false;
    if (const auto where = to_where(*text))
      query.from = *where;
    else
      errors.emplace_back(
          "from",
          "must be oldest, newest, an offset, or a time such as 2026-02-05T13:11:17Z or 1770297077406 (milliseconds)");
  }
  if (const auto text = request.query("before")) {
    query.before = parse_number<std::int64_t>(*text);
    if (!query.before || *query.before < 0 || !query.partition || !query.newest)
      errors.emplace_back("before", "must be an offset, with the partition that it is of, and without from");
  }
  if (const auto text = request.query("limit")) {
    const auto number = parse_number<std::int64_t>(*text);
    if (number && *number >= 1 && *number <= static_cast<std::int64_t>(limit_max))
      query.limit = static_cast<std::size_t>(*number);
    else
      errors.emplace_back("limit", fmt::format("must be a number from 1 to {}", limit_max));
  }
  query.key = request.query("key");
  query.text = request.query("text");
  if (const auto header = request.query("header")) {
    const std::size_t colon = header->find(':');
    query.header_name = header->substr(0, colon);
    if (colon != std::string::npos) query.header_value = header->substr(colon + 1);
  }
  return query;
}

bool MessageQuery::matches(const Record& record) const {
  if (key && record.key != *key) return false;
  if (text && (!record.value || record.value->find(*text) == std::string::npos)) return false;
  if (!header_name) return true;
  return std::any_of(record.headers.begin(), record.headers.end(), [this](const Header& header) {
    return header.name == *header_name && (!header_value || header.value == *header_value);
  });
}

}  // namespace foodorder::inspector
