#include "entry.hpp"

#include "foodorder/base/utf8.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>

namespace foodorder::verify {

namespace {

constexpr std::size_t violations_max = 1'000;
constexpr std::size_t words_max_bytes = 1'000;  // a violation quotes records, which may be a stranger's

Topic topic_of(std::string_view name) noexcept {
  if (name == topics::orders) return Topic::orders;
  if (name == topics::audit) return Topic::audit;
  if (name == topics::orders_dlq) return Topic::orders_dlq;
  return name == topics::order_status ? Topic::order_status : Topic::other;
}

std::string text_of(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  return value && value->is_string() ? std::string(std::string_view(value->get_string())) : std::string();
}

/// A letter that stands in the place of a record that `audit` has refused.
bool from_audit(const Record& record) {
  return find_header(record.headers, headers::dlt_original_topic) == topics::audit;
}

}  // namespace

void Report::add(std::string_view rule, std::string what) {
  if (violations_.size() < violations_max)
    violations_.emplace_back(rule, std::string(shortened(what, words_max_bytes)));
}

std::string place_of(const Position& position) {
  return fmt::format("{}-{}@{}", position.tp.topic, position.tp.partition, position.offset);
}

Entry::Entry(const ConsumerRecord& read)
    : record(read),
      topic(topic_of(read.position.tp.topic)),
      id(event_id(read)),
      time(event_time(*read.record)),
      retries(retry_count(*read.record)) {
  const Record& content = *read.record;
  if (const auto from = find_header(content.headers, headers::ce_causationid)) cause = std::string(*from);
  if (!content.value()) return;
  if (topic == Topic::orders) {
    if (auto event = parse_order_event(*content.value())) order = std::move(*event);
  } else if (topic == Topic::audit || from_audit(content)) {
    auto parsed = parse_json(*content.value());
    if (!parsed || !parsed->is_object()) return;
    body = std::move(parsed->get_object());
    source = text_of(body, "source");
    action = text_of(body, "action");
    order_id = text_of(body, "orderId");
    if (const json::value* count = body.if_contains("retryCount"); count && count->is_int64())
      retries = count->get_int64();
  }
}

std::string Entry::place() const { return place_of(record.position); }

}  // namespace foodorder::verify
