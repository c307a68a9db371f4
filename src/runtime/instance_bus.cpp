#include "instance_bus.hpp"

#include "faults.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/base/retry_log.hpp"
#include "foodorder/runtime/delivery.hpp"
#include "foodorder/runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <algorithm>
#include <map>
#include <set>
#include <vector>

namespace foodorder {

/// What is known of an instance's producers and consumers.
struct InstanceWatch {
  InstanceWatch(Clock& its_clock, prometheus::Registry& registry, std::string name, std::shared_ptr<Faults> its_faults)
      : clock(its_clock),
        metrics(registry),
        instance(std::move(name)),
        faults(std::move(its_faults)),
        sends(instance) {}

  void note(const ProducerRecord& record, const Result<Position>& result);
  void note_refusal(const ProducerRecord& record, const Error& error);

  Clock& clock;
  prometheus::Registry& metrics;
  const std::string instance;
  const std::shared_ptr<Faults> faults;
  std::vector<const Consumer*> members;
  std::map<std::string, std::string, std::less<>> unwritable;  ///< topic: why nothing can be written there at present
  std::set<std::pair<std::string, Errc>> refusals_told;
  RetryLog sends;
};

void InstanceWatch::note(const ProducerRecord& record, const Result<Position>& result) {
  if (result || is_refused_for_good(result.error())) {
    if (const auto found = unwritable.find(record.topic); found != unwritable.end()) unwritable.erase(found);
    if (unwritable.empty()) sends.worked();
    if (!result) note_refusal(record, result.error());
  } else if (result.error().code != Errc::closed) {
    sends.failed(result.error());
    const Errc code = result.error().code;
    if (code == Errc::not_found || code == Errc::not_authorized) unwritable[record.topic] = result.error().message;
  }
}

void InstanceWatch::note_refusal(const ProducerRecord& record, const Error& error) {
  if (error.code == Errc::too_large && can_be_shortened(record)) return;  // it is sent again
  refused_records(metrics, record.topic).Increment();
  if (!refusals_told.emplace(record.topic, error.code).second) return;
  log::error("{}: {} refuses a record for good: {}; further ones are counted in foodorder_refused_records_total",
             instance, record.topic, error.message);
}

namespace {

std::string listed(const std::vector<TopicPartition>& partitions) {
  std::string text;
  for (const TopicPartition& tp : partitions)
    text += fmt::format("{}{}-{}", text.empty() ? "" : ", ", tp.topic, tp.partition);
  return text;
}

class WatchedProducer final : public Producer {
 public:
  WatchedProducer(std::unique_ptr<Producer> producer, std::shared_ptr<InstanceWatch> watch)
      : producer_(std::move(producer)), watch_(std::move(watch)) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    ProducerRecord copy = record;
    Result<Position> result = co_await producer_->send(std::move(record));
    watch_->note(copy, result);
    co_return result;
  }

  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    std::vector<ProducerRecord> copy = records;
    std::vector<Result<Position>> results = co_await producer_->send_all(std::move(records));
    for (std::size_t i = 0; i < results.size(); ++i) watch_->note(copy[i], results[i]);
    co_return results;
  }

  Task<> close() override { return producer_->close(); }

 private:
  std::unique_ptr<Producer> producer_;
  std::shared_ptr<InstanceWatch> watch_;
};

class WatchedMember final : public Consumer {
 public:
  WatchedMember(std::unique_ptr<Consumer> consumer, std::shared_ptr<InstanceWatch> watch, std::string group)
      : consumer_(std::move(consumer)), watch_(std::move(watch)), group_(std::move(group)) {
    watch_->members.push_back(consumer_.get());
  }
  ~WatchedMember() override { std::erase(watch_->members, consumer_.get()); }

  Task<Result<ConsumerEvent>> next() override {
    Result<ConsumerEvent> event = co_await consumer_->next();
    if (event && log::enabled(log::Level::info)) tell(*event);
    if (event && std::holds_alternative<Records>(*event)) co_await watch_->faults->hold(watch_->clock, closed_);
    co_return event;
  }
  Task<Result<void>> commit(std::vector<Position> next_offsets) override {
    return consumer_->commit(std::move(next_offsets));
  }
  Task<Result<void>> seek(TopicPartition partition, Where where) override {
    return consumer_->seek(std::move(partition), where);
  }
  void pause(const std::vector<TopicPartition>& partitions) override { consumer_->pause(partitions); }
  void resume(const std::vector<TopicPartition>& partitions) override { consumer_->resume(partitions); }
  [[nodiscard]] std::optional<std::string> trouble() const override { return consumer_->trouble(); }
  [[nodiscard]] std::vector<Position> assignment() const override { return consumer_->assignment(); }
  Task<> close() override {
    closed_.set();
    return consumer_->close();
  }

 private:
  void tell(const ConsumerEvent& event) const {
    if (const auto* assigned = std::get_if<Assigned>(&event)) {
      std::vector<TopicPartition> partitions;
      for (const Position& position : assigned->positions) partitions.push_back(position.tp);
      log::info("joined", {{"instance", watch_->instance},
                           {"group", group_},
                           {"partitions", partitions.empty() ? "none" : listed(partitions)}});
    } else if (const auto* revoked = std::get_if<Revoked>(&event)) {
      log::info("rebalance", {{"instance", watch_->instance},
                              {"group", group_},
                              {revoked->lost ? "lost" : "givesBack", listed(revoked->partitions)}});
    }
  }

  std::unique_ptr<Consumer> consumer_;
  std::shared_ptr<InstanceWatch> watch_;
  std::string group_;
  AsyncEvent closed_;
};

}  // namespace

InstanceBus::InstanceBus(EventBus& bus, Clock& clock, prometheus::Registry& metrics, std::string instance,
                         std::shared_ptr<Faults> faults)
    : bus_(bus), watch_(std::make_shared<InstanceWatch>(clock, metrics, std::move(instance), std::move(faults))) {}

InstanceBus::~InstanceBus() = default;

std::optional<std::string> InstanceBus::instance_trouble() const {
  for (const Consumer* member : watch_->members)
    if (auto trouble = member->trouble()) return trouble;
  if (!watch_->unwritable.empty()) return watch_->unwritable.begin()->second;
  return {};
}

std::unique_ptr<Producer> InstanceBus::producer(ProducerSpec spec) {
  return std::make_unique<WatchedProducer>(bus_.producer(std::move(spec)), watch_);
}

std::unique_ptr<Consumer> InstanceBus::subscribe(ConsumerSpec spec) {
  const std::optional<std::string> group = spec.group;
  auto consumer = bus_.subscribe(std::move(spec));
  if (!group) return consumer;
  return std::make_unique<WatchedMember>(std::move(consumer), watch_, *group);
}

}  // namespace foodorder
