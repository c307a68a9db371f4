#include "producer.hpp"

#include "bus/partitioner.hpp"

#include <fmt/format.h>

namespace foodorder {

namespace {

class MemoryProducer final : public Producer {
 public:
  MemoryProducer(std::shared_ptr<MemoryBroker> broker, ProducerSpec spec)
      : broker_(std::move(broker)), spec_(std::move(spec)) {}

  Task<Result<Position>> send(ProducerRecord record) override {
    const auto batch = std::make_shared<SendBatch>(state_, 1);
    take(record, *batch);
    if (!batch->taken.empty()) {
      broker_->append(batch);
      co_await park<Wake>([&](Waiter<Wake> waiter) { batch->waiter = std::move(waiter); });
    }
    co_return std::move(batch->results.front());
  }

  Task<std::vector<Result<Position>>> send_all(std::vector<ProducerRecord> records) override {
    const auto batch = std::make_shared<SendBatch>(state_, records.size());
    for (ProducerRecord& record : records) take(record, *batch);
    if (!batch->taken.empty()) {
      broker_->append(batch);
      co_await park<Wake>([&](Waiter<Wake> waiter) { batch->waiter = std::move(waiter); });
    }
    co_return std::move(batch->results);
  }

  Task<> close() override {
    state_->closed = true;
    while (state_->in_flight > 0) co_await state_->done.wait();
  }

 private:
  /// Takes the record on its way, or notes at once why not.
  void take(ProducerRecord& record, SendBatch& batch) {
    auto partition = admit(record);
    if (!partition) {
      batch.results.emplace_back(partition.error());
      return;
    }
    ++state_->in_flight;
    batch.taken.push_back(SendBatch::Taken{*partition, std::move(record.record), batch.results.size()});
    constexpr std::int64_t not_yet = -1;
    batch.results.emplace_back(Result<Position>::in_place_value, (*partition)->tp, not_yet);
  }

  Result<MemoryPartition*> admit(const ProducerRecord& record) {
    if (state_->closed) return Error(Errc::closed, fmt::format("producer {} is closed", spec_.client_id));
    if (state_->in_flight >= spec_.in_flight_max_records)
      return Error(Errc::queue_full, fmt::format("producer {} has {} records in flight, its limit", spec_.client_id,
                                                 spec_.in_flight_max_records));
    if (!topic_ || topic_->name != record.topic) topic_ = broker_->find_topic(record.topic);
    if (!topic_) return Error(Errc::not_found, fmt::format("no topic {}", record.topic));
    const std::size_t bytes = size_in_bytes(*record.record);
    if (std::cmp_greater(bytes, topic_->settings.message_bytes_max))
      return Error(Errc::too_large, fmt::format("a record of {} bytes; topic {} takes {}", bytes, topic_->name,
                                                topic_->settings.message_bytes_max));
    if (topic_->cleanup == Cleanup::by_compaction && !record.record->key())
      return Error(Errc::invalid_argument, fmt::format("topic {} is compacted: its records need a key", topic_->name));
    return choose_partition(record);
  }

  Result<MemoryPartition*> choose_partition(const ProducerRecord& record) {
    const auto count = static_cast<std::int32_t>(topic_->partitions.size());
    std::int32_t index = 0;
    if (record.partition) {
      index = *record.partition;
    } else if (record.record->key()) {
      index = partition_for_key(*record.record->key(), count);
    } else {
      index = static_cast<std::int32_t>(turn_++ % static_cast<std::uint32_t>(count));
    }
    if (MemoryPartition* partition = topic_->find(index)) return partition;
    return Error(Errc::not_found, fmt::format("topic {} has {} partitions, no {}", topic_->name, count, index));
  }

  const std::shared_ptr<MemoryBroker> broker_;
  const ProducerSpec spec_;
  const std::shared_ptr<ProducerState> state_ = std::make_shared<ProducerState>();
  MemoryTopic* topic_ = nullptr;  ///< of the last record: mostly that of the next one, too
  std::uint32_t turn_ = 0;
};

}  // namespace

std::unique_ptr<Producer> make_memory_producer(std::shared_ptr<MemoryBroker> broker, ProducerSpec spec) {
  return std::make_unique<MemoryProducer>(std::move(broker), std::move(spec));
}

}  // namespace foodorder
