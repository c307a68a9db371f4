#include "foodorder/runtime/event_headers.hpp"

#include "foodorder/base/concat.hpp"
#include "foodorder/base/ids.hpp"

#include <algorithm>
#include <limits>

namespace foodorder {

namespace {

// What follows from a record carries its id, too.
constexpr std::size_t event_id_max_bytes = 256;

}  // namespace

std::string event_id(const ConsumerRecord& record) {
  std::string room;
  return std::string(event_id(record, room).view());
}

HeaderText event_id(const ConsumerRecord& record, std::string& room) {
  if (const auto id = find_header(record.record->headers, headers::ce_id); id && id->size() > 0)
    return id->size() <= event_id_max_bytes ? *id : HeaderText(uuid_from_hash(*id).text());
  const Position& at = record.position;
  room = concat(at.tp.topic, "-", fmt::format_int(at.tp.partition), "-", fmt::format_int(at.offset));
  return room;
}

EventKey event_key(const ConsumerRecord& record) {
  if (const auto id = find_uuid(record.record->headers, headers::ce_id)) return EventKey(*id);
  return EventKey(event_id(record));
}

EventKey cause_key(const Record& record) {
  if (const auto id = find_uuid(record.headers, headers::ce_causationid)) return EventKey(*id);
  return EventKey(find_header(record.headers, headers::ce_causationid).value_or(""));
}

Timestamp event_time(const Record& record) {
  if (const auto time = find_time(record.headers, headers::ce_time)) return *time;
  return parse_iso(find_header(record.headers, headers::ce_time).value_or("")).value_or(record.timestamp);
}

Timestamp believed_time(Timestamp claimed, const Record& record) {
  return to_unix_millis(claimed) > to_unix_millis(record.timestamp) ? record.timestamp : claimed;
}

std::int64_t retry_count(const Record& record) {
  const std::int64_t count = find_number(record.headers, headers::retry_count).value_or(0);
  return count < 0 || count > std::numeric_limits<std::int32_t>::max() ? 0 : count;
}

std::int64_t next_retry_count(std::int64_t count) {
  return std::min<std::int64_t>(count, std::numeric_limits<std::int32_t>::max() - 1) + 1;
}

bool is_retry(const Record& record) {
  if (retry_count(record) > 0) return true;
  return find_header(record.headers, headers::redrive_count) && find_header(record.headers, headers::ce_id);
}

}  // namespace foodorder
