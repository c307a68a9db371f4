#include "row.hpp"

#include "foodorder/base/base64.hpp"
#include "foodorder/base/utf8.hpp"

#include <algorithm>
#include <memory>

namespace foodorder::inspector {

namespace {

constexpr std::size_t headers_shown_max = 100;

std::string_view to_string(TransactionSpan::State state) {
  if (state == TransactionSpan::State::open) return "open";
  return state == TransactionSpan::State::committed ? "committed" : "aborted";
}

json::object transaction_to_json(const TransactionSpan& transaction) {
  return {{"state", to_string(transaction.state)},
          {"producerId", transaction.producer_id},
          {"producerEpoch", transaction.producer_epoch}};
}

json::array headers_to_json(const Headers& headers, std::size_t most) {
  json::array list;
  for (const Header& header : headers) {
    if (list.size() == most) break;
    list.push_back(json::object{{"name", is_utf8(header.name) ? std::string(header.name) : to_base64(header.name)},
                                {"value", bytes_to_json(header.value)}});
  }
  return list;
}

/// The beginning of `value`, without a part of a character at its end.
std::string_view cut(std::string_view value, std::size_t bytes) {
  std::string_view shorter = value.substr(0, bytes);
  while (!shorter.empty() && (static_cast<unsigned char>(value[shorter.size()]) & 0xc0U) == 0x80U)
    shorter.remove_suffix(1);
  return is_utf8(shorter) ? shorter : value.substr(0, bytes);
}

void add_value(const Record& record, const MessageQuery& query, json::object& message) {
  if (!record.value) {
    message["value"] = nullptr;
    return;
  }
  if (query.value_max_bytes && record.value->size() > *query.value_max_bytes) {
    message["value"] = bytes_to_json(cut(*record.value, *query.value_max_bytes));
    message["cut"] = true;
    return;
  }
  message["value"] = bytes_to_json(*record.value);
  if (auto parsed = parse_json(*record.value)) message["json"] = std::move(*parsed);
}

void add_headers(const Headers& headers, const MessageQuery& query, json::object& message) {
  std::int64_t count = 0;
  std::size_t bytes = 0;
  for (const Header& header : headers) {
    ++count;
    bytes += header.name.size() + header.value.value_or("").size();
  }
  message["headers"] =
      headers_to_json(headers, query.all_headers ? static_cast<std::size_t>(count) : headers_shown_max);
  message["headerCount"] = count;
  message["size"].as_object()["headers"] = bytes;
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

json::object to_json(const Row& row, const MessageQuery& query) {
  const Record& record = *row.read.record;
  const Position& position = row.read.position;
  json::object message{{"topic", position.tp.topic},
                       {"partition", position.tp.partition},
                       {"offset", position.offset},
                       {"timestamp", std::string(to_iso_millis(record.timestamp))},
                       {"key", bytes_to_json(record.key)},
                       {"size", json::object{{"key", record.key ? record.key->size() : 0},
                                             {"value", record.value ? record.value->size() : 0}}}};
  add_value(record, query, message);
  add_headers(record.headers, query, message);
  if (row.transaction) message["transaction"] = transaction_to_json(*row.transaction);
  if (row.is_marker())
    message["marker"] = row.transaction->state == TransactionSpan::State::aborted ? "abort" : "commit";
  if (row.older) message["older"] = *row.older;
  if (row.unjudged) message["unjudged"] = true;
  return message;
}

}  // namespace foodorder::inspector
