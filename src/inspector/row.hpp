#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "message_query.hpp"

#include <deque>
#include <optional>
#include <string>

namespace foodorder::inspector {

/// A message as the inspector shows it: a record, or the marker that ends a transaction.
struct Row {
  explicit Row(ConsumerRecord what) : read(std::move(what)) {}

  [[nodiscard]] bool is_marker() const noexcept { return transaction && transaction->marker; }

  ConsumerRecord read;
  std::optional<TransactionSpan> transaction;
  std::optional<std::int64_t> older;  ///< so many records of its key are older
  bool unjudged = false;
};

/// The records of a page and its markers, by offset.
std::deque<Row> rows_of(const TopicPartition& tp, const ReadPage& page);

/// Whether a row is one of those that were asked for; says in it whether that could be judged. A marker is shown with
/// whatever is asked for, unless that is certain records: by key, header, text, tombstone or filter.
bool select(const MessageQuery& query, Row& row);

/// A row as a JSON object on one line: key, headers and value as text where they are UTF-8 (`"encoding":
/// "utf-8"`), else as base64; a value that is JSON is given as JSON, too. A value that is too long and headers that are
/// too many are cut, as the query says.
std::string to_json(const Row& row, const MessageQuery& query);

/// {"encoding": "utf-8"|"base64", "text": ...}, or null.
json::value bytes_to_json(std::optional<std::string_view> bytes);

}  // namespace foodorder::inspector
