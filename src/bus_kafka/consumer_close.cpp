// How a consumer leaves.
#include "consumer.hpp"

#include "foodorder/base/log.hpp"

namespace foodorder::kafka {

namespace {

/// A broker that went away does not hold up our end: the session ends by itself then.
constexpr Duration close_timeout = std::chrono::seconds(2);

}  // namespace

Task<> ConsumerCore::close(std::shared_ptr<ConsumerCore> core) {
  if (core->gone_) co_return;
  if (!core->closed_) {
    core->closed_ = true;
    core->waiter_.complete(Wake{});
    // librdkafka asks for the partitions back, sends what was committed, leaves and tells.
    core->owned_.clear();
    core->rebalances_.clear();
    rd_kafka_assign(core->instance_.get(), nullptr);
    const KafkaError failed(rd_kafka_consumer_close_queue(core->instance_.get(), core->control_.get()));
    Clock& clock = core->client_->clock();
    clock.call_at(clock.now() + close_timeout, [weak = std::weak_ptr(core)] {
      const auto self = weak.lock();
      if (!self || self->gone_) return;
      log::info("{}: no answer to its leaving", self->spec_.client_id);
      self->finish_close();
    });
    if (failed) core->finish_close();
  }
  if (!core->gone_) co_await park<Wake>([&](Waiter<Wake> waiter) { core->closers_.push_back(std::move(waiter)); });
}

void ConsumerCore::answer_while_closing(rd_kafka_event_t*) { rd_kafka_assign(instance_.get(), nullptr); }

void ConsumerCore::finish_close() {
  for (auto& [id, waiter] : std::exchange(commits_, {})) waiter.complete(closed());
  let_go();
  for (const auto& closer : std::exchange(closers_, {})) closer.complete(Wake{});
}

}  // namespace foodorder::kafka
