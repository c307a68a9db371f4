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
    core->wake();
    core->backlog_.reset();
    core->owned_.clear();
    core->rebalances_.clear();
    if (core->handle_)
      core->leave();
    else
      core->finish_close();
  }
  if (!core->gone_) co_await core->left_.wait();
}

/// librdkafka asks for the partitions back, leaves and tells.
void ConsumerCore::leave() {
  rd_kafka_assign(handle_.get(), nullptr);
  const KafkaError failed(rd_kafka_consumer_close_queue(handle_.get(), control_.get()));
  Clock& clock = client_->clock();
  clock.call_at(clock.now() + close_timeout, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self || self->gone_) return;
    log::info("{}: no answer to its leaving", self->spec_.client_id);
    self->finish_close();
  });
  if (failed) finish_close();
}

void ConsumerCore::finish_close() {
  for (auto& [id, waiter] : std::exchange(commits_, {})) waiter.complete(closed());
  let_go();
  left_.notify_all();
}

}  // namespace foodorder::kafka
