#include "foodorder/runtime/envelope.hpp"

#include "foodorder/base/concat.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace foodorder {

namespace {

// What follows from a record carries its id, too.
constexpr std::size_t event_id_max_bytes = 256;

bool is_hex(std::string_view text) noexcept {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// An id of zeros is none.
bool is_trace_id(std::string_view text) noexcept {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

/// "00-<32 hex>-<16 hex>-<2 hex>", the only version there is (W3C Trace Context, 3.2.2): what is not is not followed.
bool is_traceparent(std::string_view text) noexcept {
  return text.size() == 55 && text.starts_with("00-") && text[35] == '-' && text[52] == '-' &&
         is_trace_id(text.substr(3, 32)) && is_trace_id(text.substr(36, 16)) && is_hex(text.substr(53));
}

}  // namespace

std::string event_id(const ConsumerRecord& record) {
  std::string room;
  return std::string(event_id(record, room));
}

std::string_view event_id(const ConsumerRecord& record, std::string& room) {
  if (const auto id = find_header(record.record->headers, headers::ce_id); id && !id->empty()) {
    if (id->size() <= event_id_max_bytes) return *id;
    room = uuid_from_hash({*id});
    return room;
  }
  const Position& at = record.position;
  room = concat(at.tp.topic, "-", fmt::format_int(at.tp.partition), "-", fmt::format_int(at.offset));
  return room;
}

EventKey event_key(const ConsumerRecord& record) {
  std::string room;
  return EventKey(event_id(record, room));
}

Timestamp event_time(const Record& record) {
  if (const auto text = find_header(record.headers, headers::ce_time))
    if (const auto time = parse_iso(*text)) return *time;
  return record.timestamp;
}

Timestamp believed_time(Timestamp claimed, const Record& record) {
  return to_unix_millis(claimed) > to_unix_millis(record.timestamp) ? record.timestamp : claimed;
}

std::int64_t retry_count(const Record& record) {
  const auto text = find_header(record.headers, headers::retry_count);
  std::int64_t count = 0;
  if (!text) return 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), count);
  if (parsed.ec != std::errc() || parsed.ptr != text->data() + text->size()) return 0;
  return count < 0 || count > std::numeric_limits<std::int32_t>::max() ? 0 : count;
}

std::int64_t next_retry_count(std::int64_t count) {
  return std::min<std::int64_t>(count, std::numeric_limits<std::int32_t>::max() - 1) + 1;
}

bool is_retry(const Record& record) { return retry_count(record) > 0; }

Envelope::Envelope(Clock& clock, IdSource& ids, std::string source)
    : clock_(clock), ids_(ids), source_(std::move(source)) {}

Record Envelope::originate(std::string_view type, std::string key, std::optional<std::string> value,
                           std::optional<std::string_view> traceparent) {
  Record record(std::move(key), std::move(value));
  stamp(record, type, ids_.uuid(), traceparent);
  return record;
}

Record Envelope::derive(const ConsumerRecord& cause, std::string_view type, std::string_view action,
                        std::optional<std::string> key, std::optional<std::string> value, std::int64_t count) {
  std::string room;
  const std::string_view cause_id = event_id(cause, room);
  const fmt::format_int attempt(count);
  const auto id = uuid_from_hash({cause_id, "\n", source_, "\n", action, "\n", {attempt.data(), attempt.size()}});
  Record record(std::move(key), std::move(value));
  stamp(record, type, id, find_header(cause.record->headers, headers::traceparent));
  record.headers.add(headers::ce_causationid, cause_id);
  return record;
}

Record Envelope::retry(const ConsumerRecord& cause, std::int64_t count) {
  Record record(cause.record->key, cause.record->value);
  for (const Header& header : cause.record->headers)
    if (header.name != headers::retry_count) record.headers.add(header);
  record.headers.add(headers::retry_count, std::to_string(count));
  return record;
}

void Envelope::stamp(Record& record, std::string_view type, std::string_view id,
                     std::optional<std::string_view> parent) {
  // Names and values of fixed sizes, those that are added later among them.
  constexpr std::size_t fixed_bytes = 252;
  const Timestamp now = clock_.stamp();
  record.timestamp = std::chrono::floor<std::chrono::milliseconds>(now);  // as logs keep it
  record.headers.reserve(8, fixed_bytes + source_.size() + type.size());
  FixedText trace("00-................................-................-01");
  if (parent && is_traceparent(*parent))
    std::ranges::copy(parent->substr(3, 32), trace.part(3, 32).begin());
  else
    ids_.put_hex(trace.part(3, 32));
  ids_.put_hex(trace.part(36, 16));
  record.headers.add({Header(headers::ce_id, id), Header(headers::ce_source, source_), Header(headers::ce_type, type),
                      Header(headers::ce_specversion, "1.0"), Header(headers::ce_time, to_iso_micros(now).view()),
                      Header(headers::traceparent, trace.view())});
}

}  // namespace foodorder
