#include "log_tables.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "rows.hpp"
#include "rules/messages.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace foodorder::database {

namespace {

constexpr std::size_t page_max_rows = 1000;

struct LoggedTopic {
  std::string_view name;
  std::int32_t partitions;
  Cleanup cleanup;
};
constexpr std::array<LoggedTopic, 4> all_topics = {{{topics::audit, 1, Cleanup::by_deletion},
                                                    {topics::order_status, order_partitions, Cleanup::by_compaction},
                                                    {topics::orders, order_partitions, Cleanup::by_deletion},
                                                    {topics::orders_dlq, 1, Cleanup::by_deletion}}};

constexpr const char* rows_after =
    "SELECT a.seq, a.order_id, a.partition, a.source, a.action, a.retry_count, a.cause_id, a.trace_id, a.body, a.at, "
    "a.body_hash, d.body, d.reason, d.at FROM audit a LEFT JOIN dead_jobs d ON d.seq = a.seq WHERE a.seq >= ? "
    "ORDER BY a.seq LIMIT ?";
constexpr const char* events_after =
    "SELECT a.seq, a.order_id, a.partition, a.source, a.action, a.retry_count, a.cause_id, a.trace_id, a.body, a.at, "
    "a.body_hash, NULL, NULL, NULL FROM audit a WHERE a.seq >= ? AND a.partition = ? ORDER BY a.seq LIMIT ?";
constexpr const char* letters_after =
    "SELECT a.seq, a.order_id, a.partition, a.source, a.action, a.retry_count, a.cause_id, a.trace_id, a.body, a.at, "
    "a.body_hash, d.body, d.reason, d.at FROM dead_jobs d JOIN audit a ON a.seq = d.seq WHERE d.seq >= ? "
    "ORDER BY d.seq LIMIT ?";

/// A row as those queries have it.
struct LogRow {
  explicit LogRow(const Query& query)
      : seq(query.number(0)),
        order_id(query.text(1)),
        source(query.text(3)),
        action(query.text(4)),
        retry_count(query.number(5)),
        cause_id(query.text(6)),
        trace_id(query.text(7)),
        body(query.text(8)),
        at(query.time(9)) {
    if (!query.is_null(2)) partition = static_cast<std::int32_t>(query.number(2));
    if (!query.is_null(10)) body_hash = query.text(10);
    if (query.is_null(11)) return;
    letter = query.text(11);
    reason = query.text(12);
    letter_at = query.time(13);
  }

  std::int64_t seq;
  std::string order_id;
  std::string source;
  std::string action;
  std::int64_t retry_count;
  std::string cause_id;
  std::string trace_id;
  std::string body;
  Timestamp at;
  std::optional<std::int32_t> partition;
  std::optional<std::string> body_hash;
  std::optional<std::string> letter;
  std::string reason;
  Timestamp letter_at{};
};

std::string type_of(const LogRow& row) {
  if (row.source == order_source) return "foodorder.audit";
  if (row.source == fraud_source)
    return row.action == "FRAUD_ALERT" ? "foodorder.fraud.alert" : "foodorder.fraud.check-passed";
  if (row.action == "NOTIFIED") return "foodorder.notification.notified";
  if (row.action == "RETRY") return "foodorder.notification.retried";
  return row.action == "DLQ" ? "foodorder.notification.dead-lettered" : "foodorder.notification.dropped";
}

std::string id_of(const LogRow& row, std::string_view action) {
  return derived_id(row.cause_id, row.source, action, row.retry_count);
}

Record make_record(const LogRow& row, std::string_view id, std::string_view type, Timestamp time, Record::Bytes value) {
  Record record(row.order_id, value);
  record.timestamp = std::chrono::floor<std::chrono::milliseconds>(time);
  const std::string trace = fmt::format("00-{}-{:016x}-01", row.trace_id, stable_hash(id) | 1);
  record.headers = {Header(headers::ce_id, id),
                    Header(headers::ce_source, row.source),
                    Header(headers::ce_type, type),
                    Header(headers::ce_specversion, "1.0"),
                    Header(headers::ce_time, to_iso_micros(time).view()),
                    Header(headers::traceparent, trace)};
  return record;
}

Record derived(const LogRow& row, std::string_view action, std::string_view type, Timestamp time, Record::Bytes value) {
  Record record = make_record(row, id_of(row, action), type, time, value);
  record.headers.add(headers::ce_causationid, row.cause_id);
  return record;
}

Record audit_record(const LogRow& row) { return derived(row, row.action, type_of(row), row.at, row.body); }

Record event_record(const LogRow& row) {
  Record record = make_record(row, row.cause_id, "foodorder.order." + row.action, row.at - Duration(1),
                              to_json(event_of(row.body)));
  if (row.body_hash) record.headers.add(headers::body_hash, *row.body_hash);
  return record;
}

Record status_record(const LogRow& row) {
  const OrderEvent event = event_of(row.body);
  std::optional<std::string> status;
  if (event.action != OrderAction::deleted)
    status = JsonObject()
                 .add("id", event.order.id)
                 .add("customerName", event.order.customer_name)
                 .add("item", event.order.item)
                 .add("status", event.order.status)
                 .add("updatedAt", event.timestamp)
                 .take();
  Record record = derived(row, "status", "foodorder.order-status", row.at + Duration(2), status);
  record.headers.add(headers::source_partition, *row.partition);
  record.headers.add(headers::source_offset, row.seq);
  return record;
}

Record letter_record(const LogRow& row) {
  Record record = derived(row, "dead-letter", "foodorder.order.dead-lettered", row.letter_at, row.letter);
  record.headers.add(headers::dlt_original_topic, topics::orders);
  record.headers.add(headers::dlt_exception_message, row.reason);
  return record;
}

void add_record(std::vector<ConsumerRecord>& to, const LogRow& row, std::string_view name, std::int32_t partition,
                Record record) {
  to.emplace_back(TopicPartition(std::string(name), partition), row.seq,
                  std::make_shared<const Record>(std::move(record)));
}

const LoggedTopic* find_topic(const TopicPartition& tp) {
  const auto found = std::find_if(all_topics.begin(), all_topics.end(),
                                  [&](const LoggedTopic& topic) { return topic.name == tp.topic; });
  if (found == all_topics.end() || tp.partition < 0 || tp.partition >= found->partitions) return nullptr;
  return &*found;
}

Record record_of(const LogRow& row, std::string_view name) {
  if (name == topics::orders) return event_record(row);
  if (name == topics::order_status) return status_record(row);
  return name == topics::audit ? audit_record(row) : letter_record(row);
}

/// The end of a partition is that of its own records: what follows in the log is other partitions'.
PartitionDescription describe(Connection& connection, const LoggedTopic& topic, std::int32_t partition) {
  PartitionDescription shown;
  shown.partition = partition;
  std::int64_t last = 0;
  if (topic.partitions > 1) {
    shown.records = number_of(connection, "SELECT n FROM counters WHERE name = 'events-' || ?", partition);
    last = number_of(connection, "SELECT max(seq) FROM audit WHERE partition = ?", partition);
  } else if (topic.name == topics::audit) {
    shown.records = last = number_of(connection, "SELECT max(seq) FROM audit");  // none is ever deleted
  } else {
    shown.records = number_of(connection, "SELECT count(*) FROM dead_jobs");
    last = number_of(connection, "SELECT max(seq) FROM dead_jobs");
  }
  shown.end_offset = last == 0 ? 0 : last + 1;
  return shown;
}

}  // namespace

OrderDatabase::Rows read_rows(Connection& connection, std::int64_t from, std::size_t rows_max) {
  OrderDatabase::Rows rows;
  rows.next = std::max<std::int64_t>(from, 1);
  Query query(connection, rows_after, from, std::min(rows_max, page_max_rows));
  while (query.next()) {
    const LogRow row(query);
    if (row.partition) {
      add_record(rows.records, row, topics::orders, *row.partition, event_record(row));
      add_record(rows.records, row, topics::order_status, *row.partition, status_record(row));
    }
    add_record(rows.records, row, topics::audit, 0, audit_record(row));
    if (row.letter) add_record(rows.records, row, topics::orders_dlq, 0, letter_record(row));
    rows.next = row.seq + 1;
  }
  return rows;
}

Result<ReadPage> read_topic(Connection& connection, const TopicPartition& partition, std::int64_t offset,
                            const ReadLimits& limits) {
  const LoggedTopic* topic = find_topic(partition);
  if (!topic) return Error(Errc::not_found, fmt::format("no partition {}-{}", partition.topic, partition.partition));
  ReadPage page;
  page.end_offset = end_of_log(connection);
  page.next_offset = std::max(std::max<std::int64_t>(offset, 0), page.end_offset);
  const std::size_t rows_max = std::min(limits.records_max, page_max_rows);
  const auto read = [&](Query& query) {
    std::size_t bytes = 0;
    while (query.next()) {
      const LogRow row(query);
      Record record = record_of(row, topic->name);
      bytes += size_in_bytes(record);
      const bool full = !page.records.empty() && (page.records.size() >= rows_max || bytes > limits.bytes_max);
      page.next_offset = full ? row.seq : page.end_offset;
      if (full) return;
      add_record(page.records, row, topic->name, partition.partition, std::move(record));
    }
  };
  if (topic->partitions > 1) {
    Query query(connection, events_after, offset, partition.partition, rows_max + 1);
    read(query);
  } else {
    Query query(connection, topic->name == topics::audit ? rows_after : letters_after, offset, rows_max + 1);
    read(query);
  }
  return page;
}

std::int64_t end_of_log(Connection& connection) { return number_of(connection, "SELECT max(seq) FROM audit") + 1; }

/// The rows of several services come nearly in the order of their times: the first one is among the earliest.
std::int64_t offset_at(Connection& connection, Timestamp time) {
  const std::int64_t found =
      number_of(connection, "SELECT min(seq) FROM (SELECT seq FROM audit WHERE at >= ? ORDER BY at LIMIT 1000)", time);
  return found > 0 ? found : end_of_log(connection);
}

std::vector<TopicDescription> describe_topics(Connection& connection) {
  std::vector<TopicDescription> topics;
  for (const LoggedTopic& topic : all_topics) {
    TopicDescription& shown = topics.emplace_back();
    shown.name = topic.name;
    shown.cleanup = topic.cleanup;
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition)
      shown.partitions.push_back(describe(connection, topic, partition));
  }
  return topics;
}

}  // namespace foodorder::database
