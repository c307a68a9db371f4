#include "message_query.hpp"

#include "foodorder/base/number.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <limits>

namespace foodorder::inspector {

namespace {

using Shape = MessageQuery::Shape;

// From here on a number is milliseconds since the epoch (September 2001), below it is an offset: no partition here has
// a million million records.
constexpr std::int64_t first_time_ms = 1'000'000'000'000;
constexpr std::int64_t last_time_ms = 253'402'300'799'999;  // of the year 9999
constexpr std::int64_t count_max = 1'000'000'000;
constexpr std::int64_t value_max_bytes = 16 << 20;

std::optional<Where> to_where(std::string_view text) {
  if (text == "oldest" || text == "beginning" || text == "earliest") return Where::beginning();
  const auto number = parse_number<std::int64_t>(text);
  if (number && *number >= first_time_ms && *number <= last_time_ms) return Where::at_time(from_unix_millis(*number));
  if (number && *number >= 0 && *number < first_time_ms) return Where::at_offset(*number);
  if (const auto time = parse_iso(text)) return Where::at_time(*time);
  return {};
}

/// A whole number from `min` to `max`, where the parameter is there.
std::optional<std::int64_t> read_number(const http::Request& request, std::string_view name, std::int64_t min,
                                        std::int64_t max, Problems& errors) {
  const auto text = request.query(name);
  if (!text) return {};
  const auto number = parse_number<std::int64_t>(*text);
  if (number && *number >= min && *number <= max) return number;
  errors.emplace_back(std::string(name), fmt::format("must be a number from {} to {}", min, max));
  return {};
}

Shape read_shape(const http::Request& request, Problems& errors) {
  const bool stream = read_flag(request, "stream", errors);
  const bool live = read_flag(request, "live", errors);
  const auto file = request.query("export");
  if (file && *file != "ndjson" && *file != "csv") errors.emplace_back("export", "must be ndjson or csv");
  if (file && (stream || live)) errors.emplace_back("export", "goes with neither stream nor live");
  if (file) return *file == "csv" ? Shape::export_csv : Shape::export_ndjson;
  if (live) return Shape::live;
  return stream ? Shape::stream : Shape::page;
}

void read_start(MessageQuery& query, std::string_view text, std::int32_t partitions, Problems& errors) {
  while (!text.empty()) {
    const std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(entry.size() + 1, text.size()));
    const std::size_t colon = std::min(entry.find(':'), entry.size());
    const auto partition = parse_number<std::int32_t>(entry.substr(0, colon));
    const auto offset = parse_number<std::int64_t>(entry.substr(std::min(colon + 1, entry.size())));
    if (partition && offset && *partition >= 0 && *partition < partitions && *offset >= 0) {
      query.start[*partition] = *offset;
      continue;
    }
    errors.emplace_back("start", fmt::format("must be partition:offset, with commas between, such as 0:1902; "
                                             "partitions are 0 to {}",
                                             partitions - 1));
    return;
  }
}

void read_place(MessageQuery& query, const http::Request& request, std::int32_t partitions, Problems& errors) {
  if (const auto number = read_number(request, "partition", 0, partitions - 1, errors))
    query.partition = static_cast<std::int32_t>(*number);
  if (query.shape == Shape::live) query.from = Where::end();
  if (const auto text = request.query("from")) {
    const bool newest = *text == "newest" || *text == "end" || *text == "latest";
    const auto where = newest ? Where::end() : to_where(*text);
    query.newest = newest;
    if (where)
      query.from = *where;
    else
      errors.emplace_back(
          "from",
          "must be oldest, newest, an offset, or a time such as 2026-02-05T13:11:17Z or 1770297077406 (milliseconds)");
  }
  if (const auto text = request.query("before")) {
    query.before = parse_number<std::int64_t>(*text);
    if (!query.before || *query.before < 0 || !query.partition || !query.newest || query.shape != Shape::page)
      errors.emplace_back("before", "must be an offset, with the partition that it is of, and without from or stream");
  }
  const auto start = request.query("start");
  if (start && query.shape == Shape::page) errors.emplace_back("start", "goes with stream, live or export");
  if (start) read_start(query, *start, partitions, errors);
}

void read_selection(MessageQuery& query, const http::Request& request, Problems& errors) {
  query.key = request.query("key");
  query.null_key = query.key == "null";
  query.text = request.query("text");
  if (const auto header = request.query("header")) {
    const std::size_t colon = header->find(':');
    query.header_name = header->substr(0, colon);
    if (colon != std::string::npos) query.header_value = header->substr(colon + 1);
  }
  if (const auto tombstones = request.query("tombstones")) {
    if (*tombstones != "only" && *tombstones != "none") errors.emplace_back("tombstones", "must be only or none");
    query.tombstone = *tombstones == "only";
  }
  const auto text = request.query("filter");
  if (!text || text->find_first_not_of(" \t") == std::string::npos) return;
  auto filter = Filter::parse(*text);
  if (filter)
    query.filter = std::move(*filter);
  else
    errors.emplace_back("filter", filter.error().message);
}

void read_isolation(MessageQuery& query, const http::Request& request, Problems& errors) {
  const auto isolation = request.query("isolation");
  if (!isolation) return;
  if (*isolation == "read_uncommitted")
    query.isolation = Isolation::uncommitted;
  else if (*isolation != "read_committed")
    errors.emplace_back("isolation", "must be read_committed or read_uncommitted");
}

}  // namespace

bool read_flag(const http::Request& request, std::string_view name, Problems& errors) {
  const auto text = request.query(name);
  if (!text || *text == "false" || *text == "0") return false;
  if (text->empty() || *text == "true" || *text == "1") return true;
  errors.emplace_back(std::string(name), "must be true or false; alone it means true");
  return false;
}

MessageQuery MessageQuery::from_request(const http::Request& request, std::int32_t partitions, Problems& errors) {
  MessageQuery query;
  query.shape = read_shape(request, errors);
  read_place(query, request, partitions, errors);
  read_selection(query, request, errors);
  read_isolation(query, request, errors);
  if (const auto number = read_number(request, "limit", 1, limit_max, errors))
    query.limit = static_cast<std::size_t>(*number);
  if (const auto number = read_number(request, "count", 1, count_max, errors))
    query.count = static_cast<std::size_t>(*number);
  query.latest_per_key = read_flag(request, "latestPerKey", errors);
  if (query.latest_per_key && query.shape == Shape::live)
    errors.emplace_back("latestPerKey", "goes with a page, a stream or an export; what is live has no latest record");
  query.all_headers = read_flag(request, "allHeaders", errors);
  if (const auto number = read_number(request, "valueMax", 0, inspector::value_max_bytes, errors))
    query.value_max_bytes = static_cast<std::size_t>(*number);
  return query;
}

Verdict MessageQuery::judge(const ConsumerRecord& read) const {
  const Record& record = *read.record;
  if (null_key ? record.key().has_value() : key && record.key() != *key) return Verdict::no;
  if (tombstone && *tombstone == record.value().has_value()) return Verdict::no;
  if (text && (!record.value() || !has_text(*record.value(), *text))) return Verdict::no;
  if (header_name) {
    const auto wanted = [this](const Header& header) {
      return header.name == *header_name && (!header_value || header.value == *header_value);
    };
    if (std::none_of(record.headers.begin(), record.headers.end(), wanted)) return Verdict::no;
  }
  return filter ? filter->judge(read) : Verdict::yes;
}

}  // namespace foodorder::inspector
