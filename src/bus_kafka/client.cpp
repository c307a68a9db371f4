#include "client.hpp"

#include "foodorder/base/log.hpp"

#include <future>
#include <thread>

namespace foodorder::kafka {

namespace {

/// Together with the steps before it, a program ends within five seconds.
constexpr std::chrono::milliseconds stop_max(500);

}  // namespace

Client::Client(const Executor& executor, Clock& clock, KafkaBusOptions options)
    : executor_(executor), clock_(clock), options_(std::move(options)), settings_(options_), producer_(*this) {
  if (!settings_.mock_cluster()) return;
  mock_ = std::make_unique<MockCluster>(producer());
  settings_.use_servers(mock_->servers());
}

Client::~Client() = default;

void Client::start() {
  producer_.start();
  broker_watch_.probe();
}

void Client::stop() {
  {
    const std::scoped_lock lock(stopping_);
    stopped_ = true;
  }
  broker_watch_.stop();
  producer_.stop();
  topic_watch_.stop();
  tail_->stop();
  std::promise<void> ended;
  const auto done = ended.get_future();
  std::thread([self = shared_from_this(), promise = std::move(ended)]() mutable {
    self->destroy();
    promise.set_value();
  }).detach();
  if (done.wait_for(stop_max) != std::future_status::ready)
    log::info("kafka: some calls to {} have not ended and are left behind", settings_.servers());
}

void Client::destroy() {
  page_thread_.join();
  threads_.join();
  producer_.destroy();
  mock_.reset();
}

const std::optional<std::string>& Client::trouble() const noexcept {
  if (broker_watch_.trouble()) return broker_watch_.trouble();
  return topic_watch_.trouble() ? topic_watch_.trouble() : producer_.failure();
}

void Client::destroy_off_loop(Handle handle) {
  if (!handle) return;
  auto destroy = [held = std::move(handle)]() mutable { held.reset(); };
  if (stopped_)
    std::thread(std::move(destroy)).detach();  // nobody waits for it
  else
    asio::post(threads_, std::move(destroy));
}

}  // namespace foodorder::kafka
