#include "table_consumer.hpp"

#include "foodorder/runtime/topics.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>
#include <set>

namespace foodorder::monolith {

namespace {

constexpr Duration look_interval = std::chrono::milliseconds(200);
constexpr std::int32_t order_partitions = 3;

/// Shared with a waiting next(), which outlives a consumer that is destroyed by a crash for a moment.
struct Reading {
  std::set<TopicPartition> paused;
  std::map<TopicPartition, std::int64_t> next;  ///< of what is read; empty until the first next()
  /// By database: all before this audit row was looked at.
  std::map<database::TableLog*, std::int64_t> rows;
  bool told = false;
  bool closed = false;
  Waiter<Wake> waiter;
};

class TableConsumer final : public Consumer {
 public:
  TableConsumer(const LoggedTables& tables, Clock& clock, ConsumerSpec spec)
      : tables_(tables), clock_(clock), signals_(tables.orders.signals()), spec_(std::move(spec)) {}

  Task<Result<ConsumerEvent>> next() override {
    const auto reading = reading_;
    if (spec_.group) co_return no_groups();
    if (reading->closed) co_return closed();
    if (!reading->told) {
      auto assigned = co_await begin();
      co_return assigned;
    }
    while (!reading->closed) {
      const std::uint64_t known = signals_->rows;
      bool moved = false;  // by a seek or a resume, while a database was read
      for (database::TableLog* const from : databases_) {
        if (reading->closed) break;
        if (!reading->rows.contains(from)) continue;
        const std::int64_t row = reading->rows[from];
        auto rows = co_await from->read_rows(row, spec_.poll_max_records);
        if (reading->closed) break;
        if (!rows) co_return rows.error();
        if (reading->rows[from] != row) {
          moved = true;
          continue;
        }
        Records batch = take(*from, std::move(*rows));
        if (!batch.next_offsets.empty()) co_return ConsumerEvent(std::move(batch));
      }
      if (reading->closed) break;
      if (moved) continue;
      if (known == signals_->rows)
        co_await signals_->rows_added.wait_until(clock_, clock_.now() + look_interval, &reading->waiter);
    }
    co_return closed();
  }

  Task<Result<void>> commit(std::vector<Position>) override {
    if (spec_.group) co_return no_groups();
    if (reading_->closed) co_return closed();
    co_return Error(Errc::invalid_argument,
                    fmt::format("{} reads without a group: it commits nothing", spec_.client_id));
  }

  Task<Result<void>> seek(TopicPartition partition, Where where) override {
    const auto known = reading_->next.find(partition);
    if (known == reading_->next.end())
      co_return Error(Errc::fenced,
                      fmt::format("{} does not read {}-{}", spec_.client_id, partition.topic, partition.partition));
    database::TableLog& from = tables_.of(partition.topic);
    const auto end = co_await from.end();
    if (!end) co_return end.error();
    auto place = Result<std::int64_t>(*end);
    if (where.kind == Where::Kind::beginning) place = 0;
    if (where.kind == Where::Kind::offset) place = where.value;
    if (where.kind == Where::Kind::time) place = co_await from.offset_at(from_unix_millis(where.value));
    if (!place) co_return place.error();
    if (*place < 0 || *place > *end)
      co_return Error(Errc::out_of_range,
                      fmt::format("{}-{} has no offset {}", partition.topic, partition.partition, *place));
    known->second = *place;
    read_again_from(partition.topic, *place);
    co_return Result<void>();
  }

  void pause(const std::vector<TopicPartition>& partitions) override {
    reading_->paused.insert(partitions.begin(), partitions.end());
  }

  /// What was passed over while they were paused is read again.
  void resume(const std::vector<TopicPartition>& partitions) override {
    for (const TopicPartition& tp : partitions) {
      if (reading_->paused.erase(tp) == 0) continue;
      const auto known = reading_->next.find(tp);
      if (known != reading_->next.end()) read_again_from(tp.topic, known->second);
    }
    reading_->waiter.complete(Wake{});
  }

  std::vector<Position> assignment() const override {
    std::vector<Position> positions;
    if (reading_->closed) return positions;
    for (const auto& [tp, offset] : reading_->next) positions.emplace_back(tp, offset);
    return positions;
  }

  Task<> close() override {
    reading_->closed = true;
    reading_->waiter.complete(Wake{});
    co_return;
  }

 private:
  static Error no_groups() {
    return Error(Errc::unsupported, "tables are read without a consumer group: --architecture=events has groups");
  }

  [[nodiscard]] Error closed() const {
    return Error(Errc::closed, fmt::format("consumer {} is closed", spec_.client_id));
  }

  Task<Result<ConsumerEvent>> begin() {
    const auto reading = reading_;
    std::map<database::TableLog*, std::int64_t> begins;
    for (database::TableLog* from : tables_.all()) {
      std::int64_t& begin = begins[from];
      if (spec_.offset_reset != ConsumerSpec::OffsetReset::latest) continue;
      const auto end = co_await from->end();
      if (!end) co_return end.error();
      begin = *end;
    }
    Assigned assigned;
    for (TopicPartition& tp : table_partitions(spec_.topics)) {
      database::TableLog& from = tables_.of(tp.topic);
      const auto start =
          std::find_if(spec_.start.begin(), spec_.start.end(), [&](const Position& wanted) { return wanted.tp == tp; });
      const std::int64_t offset = start == spec_.start.end() ? begins[&from] : start->offset;
      reading->next[tp] = offset;
      read_again_from(tp.topic, offset);
      assigned.positions.emplace_back(std::move(tp), offset);
    }
    reading->told = true;
    co_return ConsumerEvent(std::move(assigned));
  }

  void read_again_from(std::string_view topic, std::int64_t offset) {
    std::int64_t& row = reading_->rows.try_emplace(&tables_.of(topic), offset).first->second;
    row = std::min(row, offset);
  }

  /// What of these rows is read here. All partitions of that database have moved with them, whatever they hold.
  Records take(database::TableLog& from, database::TableLog::Rows rows) {
    Records batch;
    std::int64_t& row = reading_->rows[&from];
    if (rows.next <= row) return batch;
    row = rows.next;
    for (ConsumerRecord& record : rows.records) {
      const auto next = reading_->next.find(record.position.tp);
      if (next == reading_->next.end() || record.position.offset < next->second) continue;
      if (&tables_.of(record.position.tp.topic) != &from) continue;
      if (!reading_->paused.contains(record.position.tp)) batch.records.push_back(std::move(record));
    }
    for (auto& [tp, offset] : reading_->next) {
      if (reading_->paused.contains(tp) || offset >= rows.next || &tables_.of(tp.topic) != &from) continue;
      offset = rows.next;
      batch.next_offsets.emplace_back(tp, offset);
    }
    return batch;
  }

  const LoggedTables tables_;
  const std::vector<database::TableLog*> databases_ = tables_.all();
  Clock& clock_;
  const std::shared_ptr<database::Signals> signals_;
  const ConsumerSpec spec_;
  const std::shared_ptr<Reading> reading_ = std::make_shared<Reading>();
};

}  // namespace

bool is_table(std::string_view topic) noexcept {
  return topic == topics::orders || topic == topics::audit || topic == topics::orders_dlq ||
         topic == topics::order_status;
}

std::vector<TopicPartition> table_partitions(const std::vector<std::string>& topics) {
  std::vector<TopicPartition> partitions;
  for (const std::string& topic : topics) {
    const bool by_order = topic == topics::orders || topic == topics::order_status;
    for (std::int32_t partition = 0; partition < (by_order ? order_partitions : 1); ++partition)
      partitions.emplace_back(topic, partition);
  }
  return partitions;
}

std::unique_ptr<Consumer> make_table_consumer(const LoggedTables& tables, Clock& clock, ConsumerSpec spec) {
  return std::make_unique<TableConsumer>(tables, clock, std::move(spec));
}

}  // namespace foodorder::monolith
