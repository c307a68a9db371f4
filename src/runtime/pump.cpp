#include "foodorder/runtime/pump.hpp"

#include "foodorder/base/log.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

namespace foodorder {

namespace {

constexpr Duration retry_delay = std::chrono::milliseconds(200);

std::vector<TopicPartition> partitions_of(const std::vector<Position>& positions) {
  std::vector<TopicPartition> partitions;
  for (const Position& position : positions) partitions.push_back(position.tp);
  return partitions;
}

}  // namespace

Pump::Pump(std::unique_ptr<Consumer> consumer, Clock& clock, OnEvent on_event)
    : consumer_(std::move(consumer)), clock_(clock), on_event_(std::move(on_event)) {}

Task<> Pump::run() {
  executor_ = co_await asio::this_coro::executor;
  while (!stopping_) {
    waiting_ = true;
    Result<ConsumerEvent> event = co_await consumer_->next();
    waiting_ = false;
    if (event) {
      if (paused_ && std::holds_alternative<Assigned>(*event)) apply_pause();
      co_await on_event_(std::move(*event));
    } else if (event.error().code == Errc::closed) {
      break;
    } else {
      log::warn("consumer: {}; trying again", event.error().message);
      co_await sleep_for(clock_, retry_delay);
    }
  }
  // Also where stop() has closed it already: who runs this may be destroyed once it returns, and leaving takes time.
  co_await consumer_->close();
}

void Pump::stop() {
  if (stopping_) return;
  stopping_ = true;
  // While next() waits nothing is unfinished: closing now loses no commit. Else run() closes after the event.
  if (waiting_) asio::co_spawn(executor_, consumer_->close(), asio::detached);
}

void Pump::pause(bool paused) {
  if (paused_ == paused) return;
  paused_ = paused;
  apply_pause();
}

void Pump::apply_pause() {
  const auto partitions = partitions_of(consumer_->assignment());
  if (paused_)
    consumer_->pause(partitions);
  else
    consumer_->resume(partitions);
}

}  // namespace foodorder
