#include "shared_producer.hpp"

#include "client.hpp"
#include "client_metrics.hpp"
#include "foodorder/base/log.hpp"

#include <fmt/format.h>

namespace foodorder::kafka {

namespace {

/// A producer that fails again and again is replaced once in this time.
constexpr Duration replace_delay = std::chrono::seconds(1);

}  // namespace

SharedProducer::SharedProducer(Client& client)
    : client_(client),
      outgoing_(client),
      current_(std::make_shared<Life>(make_producer_handle(client.settings().producer()))) {
  if (client.options().metrics) metrics_ = std::make_unique<ClientMetrics>(*client.options().metrics);
}

SharedProducer::~SharedProducer() = default;

void SharedProducer::start() { watch(current_); }

void SharedProducer::watch(const std::shared_ptr<Life>& life) {
  life->watch = std::make_unique<QueueWatch>(client_.executor(), [this, weak = std::weak_ptr(life)] {
    if (const auto still = weak.lock()) drain(still);
  });
  life->watch->watch(life->events.get());
}

void SharedProducer::stop() {
  if (replace_timer_ != 0) client_.clock().cancel(replace_timer_);
  current_->watch.reset();
  for (const auto& failed : failed_) failed->watch.reset();
  outgoing_.stop();
}

void SharedProducer::destroy() {
  failed_.clear();
  current_.reset();
}

rd_kafka_topic_t* SharedProducer::topic(const std::string& name) {
  Topic& known = current_->topics[name];
  if (!known) known.reset(rd_kafka_topic_new(handle().get(), name.c_str(), nullptr));
  return known.get();
}

void SharedProducer::drain(const std::shared_ptr<Life>& life) {
  while (const Event event{rd_kafka_queue_poll(life->events.get(), 0)}) {
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_DR:
        take_reports(*life, event.get());
        break;
      case RD_KAFKA_EVENT_STATS:
        if (metrics_ && life == current_) metrics_->update(rd_kafka_event_stats(event.get()));
        break;
      case RD_KAFKA_EVENT_ERROR:
        on_error(life, event.get());
        break;
      default:
        log_event(event.get());
    }
  }
  if (life == current_ || rd_kafka_outq_len(life->handle.get()) > 0) return;
  std::erase(failed_, life);
  life->watch.reset();
  life->topics.clear();
  life->events.reset();
  client_.destroy_off_loop(std::move(life->handle));
}

void SharedProducer::on_error(const std::shared_ptr<Life>& life, rd_kafka_event_t* event) {
  client_.broker_watch().take_error(event);
  if (rd_kafka_event_error_is_fatal(event) != 0 && life == current_)
    return replace_soon(rd_kafka_event_error_string(event));
  log_event(event);
}

void SharedProducer::take_reports(const Life& life, rd_kafka_event_t* event) {
  while (const rd_kafka_message_t* report = rd_kafka_event_message_next(event)) {
    if (report->err == RD_KAFKA_RESP_ERR_NO_ERROR && &life == current_.get() && replace_timer_ == 0) failure_.reset();
    outgoing_.report(*report);
  }
}

/// After a fatal error (KIP-360 says what causes one) an idempotent producer takes no more records. It still reports
/// the outcome of each record in flight.
void SharedProducer::replace_soon(std::string_view why) {
  failure_ = fmt::format("the producer has failed and is replaced: {}", why);
  log::error("kafka: {}", *failure_);
  if (replace_timer_ != 0) return;
  replace_timer_ =
      client_.clock().call_at(client_.clock().now() + replace_delay, [weak = client_.weak_from_this(), this] {
        if (const auto client = weak.lock()) replace();
      });
}

void SharedProducer::replace() {
  replace_timer_ = 0;
  const auto old = current_;
  current_ = std::make_shared<Life>(make_producer_handle(client_.settings().producer()));
  for (const auto& [name, handle] : old->topics) topic(name);
  failed_.push_back(old);
  watch(current_);
  drain(old);  // nothing else wakes it if no record is in flight
}

}  // namespace foodorder::kafka
