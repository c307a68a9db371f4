#include "letters.hpp"

#include "foodorder/base/json.hpp"
#include "foodorder/base/number.hpp"
#include "foodorder/base/utf8.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"

#include <algorithm>

namespace foodorder::inspector {

namespace {

constexpr std::size_t reason_max_bytes = 200;

template <class Number>
std::optional<Number> number_in(const Headers& headers, std::string_view name) {
  const auto text = find_header(headers, name);
  const auto number = text ? parse_number<Number>(*text) : std::nullopt;
  return number && *number >= 0 ? number : std::nullopt;
}

bool is_letters_own(std::string_view name) {
  return name == headers::retry_count || name == headers::redrive_count || name == redrive_offset ||
         name.starts_with("kafka_dlt-");
}

/// What an order's letter has beside the event that it tells of.
std::optional<std::string> without_additions(const Record& letter) {
  if (!letter.value()) return {};
  auto body = parse_json(*letter.value());
  json::object* object = body ? body->if_object() : nullptr;
  if (!object || !object->contains("reason") || !object->contains("instanceId")) return std::string(*letter.value());
  object->erase("reason");
  object->erase("instanceId");
  return serialize_json(*object);
}

}  // namespace

TopicPartition dead_letter_partition() { return TopicPartition(std::string(topics::orders_dlq), 0); }

Letter::Letter(ConsumerRecord what) : read(std::move(what)) {
  const Headers& headers = read.record->headers;
  const auto body = read.record->value() ? parse_json(*read.record->value()) : Error();
  const json::object* object = body ? body->if_object() : nullptr;
  if (const auto text = find_header(headers, headers::dlt_exception_message))
    reason = *text;
  else if (object)
    reason = text_at(*object, "reason");
  if (reason.empty()) reason = "no reason given";
  if (!is_utf8(reason)) reason = "a reason that is no text";
  reason = shortened(reason, reason_max_bytes);
  if (const auto name = find_header(headers, headers::dlt_original_topic); name && is_utf8(*name)) topic = *name;
  partition = number_in<std::int32_t>(headers, headers::dlt_original_partition);
  offset = number_in<std::int64_t>(headers, headers::dlt_original_offset);
  if (object)
    if (const std::string_view instance = text_at(*object, "instanceId"); !instance.empty()) by = instance;
  if (const auto source = find_header(headers, headers::ce_source); !by && source && is_utf8(*source)) by = *source;
  retry_count = number_in<std::int32_t>(headers, headers::retry_count);
  redrive_count = number_in<std::int32_t>(headers, headers::redrive_count).value_or(0);
}

Task<Result<std::optional<ConsumerRecord>>> find_original(Admin& admin, const Letter& letter) {
  std::optional<ConsumerRecord> original;
  if (!letter.topic || !letter.partition || !letter.offset) co_return original;
  ReadLimits limits;
  limits.records_max = 1;
  TopicPartition tp(*letter.topic, *letter.partition);
  const auto page = co_await admin.read(std::move(tp), *letter.offset, limits);
  if (!page && page.error().code != Errc::not_found) co_return page.error();
  if (page && !page->records.empty() && page->records.front().position.offset == *letter.offset)
    original = page->records.front();
  co_return original;
}

Redriven redriven_record(const Letter& letter, const std::optional<ConsumerRecord>& original,
                         const std::optional<std::string>* edit) {
  const Record& source = original ? *original->record : *letter.read.record;
  Redriven redriven;
  redriven.count = letter.redrive_count;
  if (original)
    redriven.count = std::max<std::int64_t>(
        redriven.count, number_in<std::int32_t>(source.headers, headers::redrive_count).value_or(0));
  ++redriven.count;
  const auto event = original ? std::nullopt : without_additions(source);
  redriven.record = Record(source.key(), edit       ? Record::Bytes(*edit)
                                         : original ? source.value()
                                                    : Record::Bytes(event));
  const bool same_event = !edit;
  std::string id;
  if (original)
    id = event_id(*original);
  else if (const auto cause = find_header(source.headers, headers::ce_causationid))
    id = *cause;
  for (const Header& header : source.headers) {
    if (is_letters_own(header.name)) continue;
    const bool of_event = header.name.starts_with("ce_");
    // Those of a letter tell of the letter.
    if (of_event && (!same_event || !original || header.name == headers::ce_id)) continue;
    redriven.record.headers.add(header);
  }
  if (same_event && !id.empty()) redriven.record.headers.add(headers::ce_id, id);
  redriven.record.headers.add(headers::redrive_count, std::to_string(redriven.count));
  redriven.record.headers.add(redrive_offset, std::to_string(letter.read.position.offset));
  return redriven;
}

}  // namespace foodorder::inspector
