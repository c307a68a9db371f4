#include "backend.hpp"

#include "bus_memory/memory_bus.hpp"
#include "database_sqlite/sqlite_store.hpp"
#include "monolith/table_bus.hpp"

#include <fmt/format.h>
#include <map>
#include <string>

// The tables of the monolith cannot be produced to. So that a case has something to read, each of its topics is the
// table `audit` of a database of its own, and a record that it sends is a transaction that writes one row. Rows are
// counted from 1; the case sees them from 0 on.

namespace foodorder::conformance {

namespace {

using namespace database;

const std::string table = "audit";

struct Topic {
  Topic(Stage& stage, EventBus& others, std::string log_id) {
    SqliteOptions options;
    options.file = ":memory:";
    options.new_log_id = std::move(log_id);
    options.own_threads = false;
    store = make_sqlite_store(stage.executor(), stage.clock(), std::move(options));
    bus = make_table_bus(store->orders(), others, stage.clock());
  }

  std::unique_ptr<Store> store;
  std::unique_ptr<EventBus> bus;
  std::int64_t rows = 0;
};

using Topics = std::map<std::string, std::unique_ptr<Topic>>;

/// A topic of a case for the table, or the other way round.
void rename(TopicPartition& tp, const std::string& to) { tp.topic = to; }
void rename(Position& at, const std::string& to, std::int64_t shift) {
  rename(at.tp, to);
  at.offset = std::max<std::int64_t>(at.offset + shift, 0);
}
Where shifted(Where where) { return where.kind == Where::Kind::offset ? Where::at_offset(where.value + 1) : where; }

/// An order that is blocked writes one row, with the body of its verdict.
NewOrder row_of(const Record& record, Clock& clock, std::int64_t number) {
  NewOrder order;
  OrderEvent& event = order.write.event;
  event.order.id = record.key().value_or("");
  event.order.customer_name = fmt::format("customer {}", number);
  event.timestamp = event.order.created_at = clock.now();
  order.write.event_id = fmt::format("event {}", number);
  order.write.trace_id = std::string(32, 'a');
  order.write.time = record.timestamp == Timestamp() ? clock.stamp() : record.timestamp;
  order.decide = [value = std::string(record.value().value_or(""))](const RecentOrders&) {
    Verdict verdict;
    verdict.blocked = true;
    verdict.action = "FRAUD_ALERT";
    verdict.body = value;
    return verdict;
  };
  return order;
}

class RowProducer final : public Producer {
 public:
  RowProducer(Topics& topics, Clock& clock) : topics_(topics), clock_(clock) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    const auto topic = topics_.find(record.topic);
    if (topic == topics_.end()) co_return Error(Errc::not_found, "no such topic");
    const std::int64_t offset = topic->second->rows++;
    NewOrder order = row_of(*record.record, clock_, offset);
    const auto placed = co_await topic->second->store->orders().place(std::move(order));
    if (!placed) co_return placed.error();
    co_return Position(TopicPartition(record.topic, 0), offset);
  }

  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    std::vector<Result<Position>> results;
    for (ProducerRecord& record : records) {
      auto sent = co_await send(std::move(record));
      results.push_back(std::move(sent));
    }
    co_return results;
  }

  Task<> close() override { co_return; }

 private:
  Topics& topics_;
  Clock& clock_;
};

class RowConsumer final : public Consumer {
 public:
  RowConsumer(std::string topic, std::unique_ptr<Consumer> rows) : topic_(std::move(topic)), rows_(std::move(rows)) {}

  Task<Result<ConsumerEvent>> next() override {
    auto event = co_await rows_->next();
    if (!event) co_return event;
    if (auto* batch = std::get_if<Records>(&*event)) {
      for (ConsumerRecord& record : batch->records) rename(record.position, topic_, -1);
      for (Position& next : batch->next_offsets) rename(next, topic_, -1);
    }
    if (auto* assigned = std::get_if<Assigned>(&*event))
      for (Position& next : assigned->positions) rename(next, topic_, -1);
    co_return event;
  }

  Task<Result<void>> commit(std::vector<Position> next_offsets) override {
    return rows_->commit(std::move(next_offsets));
  }
  Task<Result<void>> seek(TopicPartition partition, Where where) override {
    rename(partition, table);
    return rows_->seek(std::move(partition), shifted(where));
  }
  void pause(const std::vector<TopicPartition>& partitions) override { rows_->pause(tables(partitions)); }
  void resume(const std::vector<TopicPartition>& partitions) override { rows_->resume(tables(partitions)); }
  std::vector<Position> assignment() const override {
    std::vector<Position> positions = rows_->assignment();
    for (Position& next : positions) rename(next, topic_, -1);
    return positions;
  }
  Task<> close() override { return rows_->close(); }

 private:
  static std::vector<TopicPartition> tables(std::vector<TopicPartition> partitions) {
    for (TopicPartition& tp : partitions) rename(tp, table);
    return partitions;
  }

  const std::string topic_;
  std::unique_ptr<Consumer> rows_;
};

/// Only what the cases for tables ask; the rest is the table's own answer.
class RowAdmin final : public Admin {
 public:
  RowAdmin(Topics& topics, std::function<void(const std::string&)> make_topic)
      : topics_(topics), make_topic_(std::move(make_topic)) {}

  Task<Result<void>> ensure_topics(std::vector<TopicSpec> topics) override {
    for (const TopicSpec& topic : topics) make_topic_(topic.name);
    co_return Result<void>();
  }

  Task<Result<std::vector<TopicDescription>>> topics() override {
    std::vector<TopicDescription> all;
    for (const auto& [name, topic] : topics_) {
      auto tables = co_await topic->bus->admin().topics();
      if (!tables) co_return tables.error();
      for (TopicDescription& description : *tables) {
        if (description.name != table) continue;
        description.name = name;
        PartitionDescription& partition = description.partitions.front();
        partition.end_offset = std::max<std::int64_t>(partition.end_offset - 1, 0);
        all.push_back(std::move(description));
      }
    }
    co_return all;
  }

  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override {
    const auto topic = topics_.find(partition.topic);
    if (topic == topics_.end()) co_return Error(Errc::not_found, "no such topic");
    auto page =
        co_await topic->second->bus->admin().read(TopicPartition(table, partition.partition), offset + 1, limits);
    if (!page) co_return page;
    for (ConsumerRecord& record : page->records) rename(record.position, partition.topic, -1);
    --page->next_offset;
    --page->end_offset;
    co_return page;
  }

  Task<Result<std::vector<GroupDescription>>> groups() override { co_return unsupported(); }
  Task<Result<std::vector<Position>>> resolve(std::vector<TopicPartition>, Where) override { co_return unsupported(); }
  Task<Result<void>> reset_offsets(std::string, std::vector<Position>) override { co_return unsupported(); }
  Task<Result<void>> delete_group(std::string) override { co_return unsupported(); }
  Task<Result<std::vector<TopicSetting>>> topic_settings(std::string) override { co_return unsupported(); }
  Task<Result<Compaction>> compact(std::string) override { co_return unsupported(); }

 private:
  static Error unsupported() { return Error(Errc::unsupported, "no case for tables asks this"); }

  Topics& topics_;
  std::function<void(const std::string&)> make_topic_;
};

class RowBus final : public EventBus {
 public:
  explicit RowBus(Stage& stage)
      : stage_(stage),
        others_(make_memory_bus(stage.executor(), stage.clock(), MemoryBusOptions())),
        tables_(std::make_unique<Topic>(stage, *others_, "tables")),
        admin_(topics_, [this](const std::string& name) { make_topic(name); }) {}

  std::string_view name() const override { return tables_->bus->name(); }
  Features features() const override { return tables_->bus->features(); }
  std::optional<std::string> trouble() const override { return tables_->bus->trouble(); }
  Task<Result<std::string>> log_id(std::vector<std::string> topics) override {
    std::vector<std::string> one(1, table);
    return topics_.at(topics.front())->bus->log_id(std::move(one));
  }
  std::unique_ptr<Producer> producer(ProducerSpec) override {
    return std::make_unique<RowProducer>(topics_, stage_.clock());
  }
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override {
    std::string topic = spec.topics.front();
    spec.topics.front() = table;
    for (Position& begin : spec.start) rename(begin, table, 1);
    EventBus& bus = *topics_.at(topic)->bus;
    return std::make_unique<RowConsumer>(std::move(topic), bus.subscribe(std::move(spec)));
  }
  Admin& admin() override { return admin_; }

 private:
  void make_topic(const std::string& name) {
    if (!topics_.contains(name)) topics_[name] = std::make_unique<Topic>(stage_, *others_, "log of " + name);
  }

  Stage& stage_;
  std::unique_ptr<EventBus> others_;
  std::unique_ptr<Topic> tables_;
  Topics topics_;
  RowAdmin admin_;
};

}  // namespace

Backend tables_backend() {
  Backend backend;
  backend.name = "tables";
  backend.make_stage = make_virtual_stage;
  backend.make_bus = [](Stage& stage) { return std::make_unique<RowBus>(stage); };
  backend.groups = false;
  backend.own_records = false;
  return backend;
}

}  // namespace foodorder::conformance
