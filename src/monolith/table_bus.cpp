#include "table_bus.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/runtime/topics.hpp"
#include "table_consumer.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <map>

namespace foodorder {

namespace {

using monolith::is_table;

Error read_only(std::string_view topic) {
  return Error(
      Errc::unsupported,
      fmt::format("{} is a table here, and only transactions write it: --architecture=events has topics", topic));
}

/// Sends to the topics that are none of the tables.
class TableProducer final : public Producer {
 public:
  explicit TableProducer(std::unique_ptr<Producer> others) : others_(std::move(others)) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    if (is_table(record.topic)) co_return read_only(record.topic);
    auto sent = co_await others_->send(std::move(record));
    co_return sent;
  }

  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    std::vector<Result<Position>> results;
    for (ProducerRecord& record : records) {
      auto sent = co_await send(std::move(record));
      results.push_back(std::move(sent));
    }
    co_return results;
  }

  Task<> close() override { return others_->close(); }

 private:
  std::unique_ptr<Producer> others_;
};

class TableAdmin final : public Admin {
 public:
  TableAdmin(const LoggedTables& tables, Admin& others) : tables_(tables), others_(others) {}

  Task<Result<void>> ensure_topics(std::vector<TopicSpec> topics) override {
    std::erase_if(topics, [](const TopicSpec& topic) { return is_table(topic.name); });
    return others_.ensure_topics(std::move(topics));
  }

  Task<Result<std::vector<TopicDescription>>> topics() override {
    auto all = co_await others_.topics();
    if (!all) co_return all.error();
    for (database::TableLog* from : tables_.all()) {
      auto described = co_await from->describe();
      if (!described) co_return described.error();
      std::erase_if(*described, [&](const TopicDescription& topic) { return &tables_.of(topic.name) != from; });
      std::move(described->begin(), described->end(), std::back_inserter(*all));
    }
    std::ranges::sort(*all, {}, &TopicDescription::name);
    co_return std::move(*all);
  }

  Task<Result<std::vector<GroupDescription>>> groups() override { return others_.groups(); }

  Task<Result<std::vector<Position>>> resolve(std::vector<TopicPartition> partitions, Where where) override {
    const auto tables = std::count_if(partitions.begin(), partitions.end(),
                                      [](const TopicPartition& tp) { return is_table(tp.topic); });
    if (tables == 0) {
      auto others = co_await others_.resolve(std::move(partitions), where);
      co_return others;
    }
    std::map<database::TableLog*, std::int64_t> places;
    for (database::TableLog* from : tables_.all()) {
      const auto is_of = [&](const TopicPartition& tp) { return is_table(tp.topic) && &tables_.of(tp.topic) == from; };
      if (std::none_of(partitions.begin(), partitions.end(), is_of)) continue;
      const auto place = co_await find_place(*from, where);
      if (!place) co_return place.error();
      places[from] = *place;
    }
    std::vector<Position> positions;
    for (TopicPartition& tp : partitions) {
      const std::vector<TopicPartition> known = monolith::table_partitions({tp.topic});
      if (!is_table(tp.topic) || std::find(known.begin(), known.end(), tp) == known.end())
        co_return Error(Errc::not_found, fmt::format("no partition {}-{} beside tables", tp.topic, tp.partition));
      const std::int64_t place = places[&tables_.of(tp.topic)];
      positions.emplace_back(std::move(tp), place);
    }
    co_return positions;
  }

  Task<Result<void>> reset_offsets(std::string group, std::vector<Position> next_offsets) override {
    for (const Position& next : next_offsets)
      if (is_table(next.tp.topic)) co_return read_only(next.tp.topic);
    auto reset = co_await others_.reset_offsets(std::move(group), std::move(next_offsets));
    co_return reset;
  }

  Task<Result<void>> delete_group(std::string group) override { return others_.delete_group(std::move(group)); }

  Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) override {
    if (is_table(partition.topic)) {
      database::TableLog& from = tables_.of(partition.topic);
      return from.read(std::move(partition), offset, limits);
    }
    return others_.read(std::move(partition), offset, limits);
  }

  Task<Result<std::vector<TopicSetting>>> topic_settings(std::string topic) override {
    if (is_table(topic)) co_return Error(Errc::unsupported, fmt::format("{} is a table, which has no settings", topic));
    auto settings = co_await others_.topic_settings(std::move(topic));
    co_return settings;
  }

  Task<Result<Compaction>> compact(std::string topic) override {
    if (is_table(topic)) co_return read_only(topic);
    auto compacted = co_await others_.compact(std::move(topic));
    co_return compacted;
  }

 private:
  static Task<Result<std::int64_t>> find_place(database::TableLog& from, Where where) {
    auto place = co_await from.end();
    if (place && where.kind == Where::Kind::beginning) place = 0;
    if (place && where.kind == Where::Kind::offset) place = std::clamp<std::int64_t>(where.value, 0, *place);
    if (place && where.kind == Where::Kind::time) place = co_await from.offset_at(from_unix_millis(where.value));
    co_return place;
  }

  const LoggedTables tables_;
  Admin& others_;
};

class TableBus final : public EventBus {
 public:
  TableBus(const LoggedTables& tables, EventBus& others, Clock& clock, std::string_view name)
      : tables_(tables), others_(others), clock_(clock), name_(name), admin_(tables, others.admin()) {}

  std::string_view name() const override { return name_; }

  Features features() const override {
    Features features;
    features.durable = true;
    features.admin = false;
    features.compaction_on_demand = false;
    features.retention = false;
    features.removed_before_read = false;
    return features;
  }

  std::optional<std::string> trouble() const override {
    for (const database::TableLog* from : tables_.all())
      if (auto trouble = from->trouble()) return trouble;
    return {};
  }

  Task<Result<std::string>> log_id(std::vector<std::string> topics) override {
    if (std::none_of(topics.begin(), topics.end(), is_table)) {
      auto other = co_await others_.log_id(std::move(topics));
      co_return other;
    }
    const std::vector<database::TableLog*> all = tables_.all();
    if (all.size() == 1) co_return all.front()->log_id();
    std::string ids;
    for (const database::TableLog* from : all) ids += from->log_id();
    co_return fmt::format("{:016x}", stable_hash(ids));
  }

  std::unique_ptr<Producer> producer(ProducerSpec spec) override {
    return std::make_unique<TableProducer>(others_.producer(std::move(spec)));
  }

  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override {
    if (std::none_of(spec.topics.begin(), spec.topics.end(), is_table)) return others_.subscribe(std::move(spec));
    return monolith::make_table_consumer(tables_, clock_, std::move(spec));
  }

  Admin& admin() override { return admin_; }

 private:
  const LoggedTables tables_;
  EventBus& others_;
  Clock& clock_;
  const std::string name_;
  TableAdmin admin_;
};

}  // namespace

database::TableLog& LoggedTables::of(std::string_view topic) const {
  if (topic == topics::audit) return audit;
  return topic == topics::orders_dlq ? letters : orders;
}

std::vector<database::TableLog*> LoggedTables::all() const {
  std::vector<database::TableLog*> each{&orders};
  for (database::TableLog* other : {&audit, &letters})
    if (std::find(each.begin(), each.end(), other) == each.end()) each.push_back(other);
  return each;
}

std::unique_ptr<EventBus> make_table_bus(const LoggedTables& tables, EventBus& others, Clock& clock,
                                         std::string_view name) {
  return std::make_unique<TableBus>(tables, others, clock, name);
}

}  // namespace foodorder
