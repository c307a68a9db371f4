#include "row.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/base/utf8.hpp"

#include <algorithm>
#include <memory>

namespace foodorder::inspector {

namespace {

constexpr std::int64_t headers_shown_max = 100;

std::string_view to_string(TransactionSpan::State state) {
  if (state == TransactionSpan::State::open) return "open";
  return state == TransactionSpan::State::committed ? "committed" : "aborted";
}

void add_bytes(JsonObject& message, std::string_view name, std::optional<std::string_view> bytes) {
  if (!bytes) return (void)message.add_raw(name, "null");
  message.add_object(name, [&](JsonObject& inner) {
    if (is_utf8(*bytes))
      inner.add("encoding", std::string_view("utf-8")).add("text", *bytes);
    else
      inner.add("encoding", std::string_view("base64")).add("text", std::string_view(to_base64(*bytes)));
  });
}

/// The beginning of `value`, without a part of a character at its end.
std::string_view cut(std::string_view value, std::size_t bytes) {
  std::string_view shorter = value.substr(0, bytes);
  while (!shorter.empty() && (static_cast<unsigned char>(value[shorter.size()]) & 0xc0U) == 0x80U)
    shorter.remove_suffix(1);
  return is_utf8(shorter) ? shorter : value.substr(0, bytes);
}

/// A value that is JSON stands in the message as it came, on one line: numbers keep their digits. Parsing it only says
/// whether it is JSON; to write it anew would take a MiB several times as long.
void add_json(JsonObject& message, std::string_view value) {
  JsonMemory memory;
  if (!parse_json(value, memory.storage())) return;
  // In JSON they are white space between tokens.
  std::replace_copy_if(
      value.begin(), value.end(), message.begin("json").grow(value.size()),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
}

void add_value(JsonObject& message, const Record& record, const MessageQuery& query) {
  const bool is_cut = record.value() && query.value_max_bytes && record.value()->size() > *query.value_max_bytes;
  if (is_cut) {
    add_bytes(message, "value", cut(*record.value(), *query.value_max_bytes));
    message.add("cut", true);
    return;
  }
  add_bytes(message, "value", record.value());
  if (record.value()) add_json(message, *record.value());
}

/// The bytes of all headers.
std::size_t add_headers(JsonObject& message, const Headers& headers, const MessageQuery& query) {
  std::int64_t count = 0;
  std::size_t bytes = 0;
  std::vector<Header> shown;
  for (const Header& header : headers) {
    bytes += header.name.size() + header.value.value_or("").size();
    if (count++ < headers_shown_max || query.all_headers) shown.push_back(header);
  }
  message.add_objects("headers", shown, [](JsonObject& inner, const Header& header) {
    inner.add("name", is_utf8(header.name) ? header.name : std::string_view(to_base64(header.name)));
    add_bytes(inner, "value", header.value);
  });
  message.add("headerCount", count);
  return bytes;
}

void add_transaction(JsonObject& message, const TransactionSpan& transaction) {
  message.add_object("transaction", [&](JsonObject& inner) {
    inner.add("state", to_string(transaction.state));
    inner.add("producerId", transaction.producer_id).add("producerEpoch", transaction.producer_epoch);
  });
}

}  // namespace

json::value bytes_to_json(std::optional<std::string_view> bytes) {
  if (!bytes) return nullptr;
  if (is_utf8(*bytes)) return json::object{{"encoding", "utf-8"}, {"text", *bytes}};
  return json::object{{"encoding", "base64"}, {"text", to_base64(*bytes)}};
}

std::deque<Row> rows_of(const TopicPartition& tp, const ReadPage& page) {
  std::deque<Row> rows;
  auto span = page.transactions.begin();
  const auto add_markers_before = [&](std::int64_t offset) {
    for (; span != page.transactions.end() && span->last < offset; ++span) {
      if (!span->marker || span->first >= page.next_offset) continue;
      auto nothing = std::make_shared<Record>();
      nothing->timestamp = span->timestamp;
      rows.emplace_back(ConsumerRecord(tp, span->first, std::move(nothing)));
      rows.back().transaction = *span;
    }
  };
  for (const ConsumerRecord& record : page.records) {
    add_markers_before(record.position.offset);
    rows.emplace_back(record);
    if (span != page.transactions.end() && span->first <= record.position.offset) rows.back().transaction = *span;
  }
  add_markers_before(page.next_offset);
  return rows;
}

bool select(const MessageQuery& query, Row& row) {
  if (row.is_marker())
    return !query.key && !query.header_name && !query.text && !query.tombstone && !query.filter &&
           !query.latest_per_key;
  const Verdict verdict = query.judge(row.read);
  row.unjudged = verdict == Verdict::unjudged;
  return verdict != Verdict::no;
}

std::string to_json(const Row& row, const MessageQuery& query) {
  const Record& record = *row.read.record;
  const Position& position = row.read.position;
  JsonObject message;
  message.add("topic", position.tp.topic).add("partition", position.tp.partition).add("offset", position.offset);
  message.add("timestamp", record.timestamp);
  add_bytes(message, "key", record.key());
  add_value(message, record, query);
  const std::size_t header_bytes = add_headers(message, record.headers, query);
  message.add_object("size", [&](JsonObject& size) {
    size.add("key", record.key() ? record.key()->size() : 0).add("value", record.value() ? record.value()->size() : 0);
    size.add("headers", header_bytes);
  });
  if (row.transaction) add_transaction(message, *row.transaction);
  if (row.is_marker())
    message.add("marker", row.transaction->state == TransactionSpan::State::aborted ? std::string_view("abort")
                                                                                    : std::string_view("commit"));
  if (row.older) message.add("older", *row.older);
  if (row.unjudged) message.add("unjudged", true);
  return message.take();
}

}  // namespace foodorder::inspector
