#include "client.hpp"

#include "client_metrics.hpp"
#include "errors.hpp"
#include "foodorder/base/log.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <future>
#include <stdexcept>
#include <thread>

namespace foodorder::kafka {

namespace {

constexpr Duration probe_interval = std::chrono::seconds(5);
constexpr Duration probe_interval_in_trouble = std::chrono::milliseconds(250);
constexpr int probe_timeout_ms = 2000;
/// So often at most a producer is replaced that has failed.
constexpr Duration replace_delay = std::chrono::seconds(1);
/// With what comes before, a program ends within five seconds.
constexpr std::chrono::milliseconds stop_max(500);

Handle make_instance(rd_kafka_type_t type, Conf conf) {
  std::array<char, 512> why{};
  rd_kafka_t* made = rd_kafka_new(type, conf.get(), why.data(), why.size());
  if (!made) throw std::runtime_error(fmt::format("librdkafka: {}", why.data()));
  static_cast<void>(conf.release());  // it is the instance's now
  rd_kafka_set_log_queue(made, nullptr);
  return Handle(made, [](rd_kafka_t* rk) { rd_kafka_destroy_flags(rk, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE); });
}

bool is_of_connection(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__SSL || error == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
         error == RD_KAFKA_RESP_ERR__RESOLVE || error == RD_KAFKA_RESP_ERR__TRANSPORT;
}

/// The same error has the same words each time: without "(after 301ms in state AUTH_REQ)".
std::string without_times(std::string_view text) { return std::string(text.substr(0, text.find(" (after "))); }

}  // namespace

Client::Client(const Executor& executor, Clock& clock, KafkaBusOptions options)
    : executor_(executor),
      clock_(clock),
      options_(std::move(options)),
      settings_(options_),
      trouble_(fmt::format("no broker of {} has answered yet", options_.brokers)),
      producing_(std::make_shared<Producing>(make_instance(RD_KAFKA_PRODUCER, settings_.producer()))) {
  if (settings_.mock_cluster()) {
    mock_ = std::make_unique<MockCluster>(producer());
    settings_.use_servers(mock_->servers());
  }
  if (options_.metrics) metrics_ = std::make_unique<ClientMetrics>(*options_.metrics);
}

Client::~Client() = default;

void Client::start() {
  watch(producing_);
  probe();
}

void Client::watch(const std::shared_ptr<Producing>& producing) {
  producing->watch = std::make_unique<QueueWatch>(executor_, [this, weak = std::weak_ptr(producing)] {
    if (const auto self = weak.lock()) drain(self);
  });
  producing->watch->watch(producing->events.get());
}

void Client::stop() {
  {
    const std::scoped_lock lock(stopping_);
    stopped_ = true;
  }
  if (probe_timer_ != 0) clock_.cancel(probe_timer_);
  if (replace_timer_ != 0) clock_.cancel(replace_timer_);
  producing_->watch.reset();
  for (const auto& failed : failed_) failed->watch.reset();
  topic_watch_.stop();
  outgoing_.stop();
  tail_->stop();
  std::promise<void> ended;
  const auto done = ended.get_future();
  std::thread([self = shared_from_this(), promise = std::move(ended)]() mutable {
    self->let_go();
    promise.set_value();
  }).detach();
  if (done.wait_for(stop_max) != std::future_status::ready)
    log::info("kafka: some calls to {} have not ended and are left behind", settings_.servers());
}

void Client::let_go() {
  page_thread_.join();
  threads_.join();
  failed_.clear();
  producing_.reset();
  mock_.reset();
}

rd_kafka_topic_t* Client::topic(const std::string& name) {
  Topic& known = producing_->topics[name];
  if (!known) known.reset(rd_kafka_topic_new(producer().get(), name.c_str(), nullptr));
  return known.get();
}

Handle Client::make_member(Conf conf) {
  Handle instance = make_instance(RD_KAFKA_CONSUMER, std::move(conf));
  rd_kafka_poll_set_consumer(instance.get());
  return instance;
}

Handle Client::make_fetcher(Conf conf) { return make_instance(RD_KAFKA_CONSUMER, std::move(conf)); }

void Client::retire(Handle instance) {
  if (!instance) return;
  auto destroy = [held = std::move(instance)]() mutable { held.reset(); };
  if (stopped_)
    std::thread(std::move(destroy)).detach();  // nobody waits for it
  else
    asio::post(threads_, std::move(destroy));
}

// -------------------------------------------------------------------------------------------------- events

void Client::drain(const std::shared_ptr<Producing>& producing) {
  while (const Event event{rd_kafka_queue_poll(producing->events.get(), 0)}) {
    switch (rd_kafka_event_type(event.get())) {
      case RD_KAFKA_EVENT_DR:
        take_reports(*producing, event.get());
        break;
      case RD_KAFKA_EVENT_STATS:
        if (metrics_ && producing == producing_) metrics_->update(rd_kafka_event_stats(event.get()));
        break;
      case RD_KAFKA_EVENT_ERROR:
        on_error(producing, event.get());
        break;
      default:
        note(event.get());
    }
  }
  if (producing == producing_ || rd_kafka_outq_len(producing->instance.get()) > 0) return;
  std::erase(failed_, producing);
  producing->watch.reset();
  producing->topics.clear();
  producing->events.reset();
  retire(std::move(producing->instance));
}

void Client::on_error(const std::shared_ptr<Producing>& producing, rd_kafka_event_t* event) {
  const char* text = rd_kafka_event_error_string(event);
  const auto error = rd_kafka_event_error(event);
  if (is_of_connection(error)) refusal_ = without_times(text);
  if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) out_of_reach(refusal_.empty() ? text : refusal_);
  if (rd_kafka_event_error_is_fatal(event) != 0 && producing == producing_) return give_up_producer(text);
  note(event);
}

void Client::take_reports(const Producing& producing, rd_kafka_event_t* event) {
  while (const rd_kafka_message_t* report = rd_kafka_event_message_next(event)) {
    if (report->err == RD_KAFKA_RESP_ERR_NO_ERROR && &producing == producing_.get() && replace_timer_ == 0)
      failure_.reset();
    outgoing_.report(*report);
  }
}

void Client::note(rd_kafka_event_t* event) {
  const auto type = rd_kafka_event_type(event);
  if (type == RD_KAFKA_EVENT_LOG) {
    const char* facility = nullptr;
    const char* text = nullptr;
    int level = 0;
    rd_kafka_event_log(event, &facility, &text, &level);
    constexpr int critical = 2;
    log::write(level <= critical ? log::Level::warn : log::Level::debug,
               fmt::format("librdkafka {}: {}", facility, text));
  } else if (type == RD_KAFKA_EVENT_ERROR) {
    const bool fatal = rd_kafka_event_error_is_fatal(event) != 0;
    const auto text = fmt::format("kafka: {}", rd_kafka_event_error_string(event));
    // What passes by itself is told once, as the bus's trouble.
    log::write(fatal ? log::Level::error : log::Level::debug, text);
  }
}

// ----------------------------------------------------------------------------------------- a failed producer

/// After a fatal error (KIP-360 tells where they come from) an idempotent producer takes no more records. Those that
/// are on their way are still reported, each by what became of it.
void Client::give_up_producer(std::string_view why) {
  failure_ = fmt::format("the producer has failed and is replaced: {}", why);
  log::error("kafka: {}", *failure_);
  if (replace_timer_ != 0) return;
  replace_timer_ = clock_.call_at(clock_.now() + replace_delay, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->replace_producer();
  });
}

void Client::replace_producer() {
  replace_timer_ = 0;
  const auto old = producing_;
  producing_ = std::make_shared<Producing>(make_instance(RD_KAFKA_PRODUCER, settings_.producer()));
  for (const auto& [name, handle] : old->topics) topic(name);
  failed_.push_back(old);
  watch(producing_);
  drain(old);  // if nothing is on its way, nothing will wake it
}

// --------------------------------------------------------------------------------------------------- reach

void Client::in_reach() {
  refusal_.clear();
  reason_told_ = false;
  if (!trouble_) return;
  trouble_.reset();
  if (down_.exchange(false)) log::warn("kafka: a broker of {} answers", settings_.servers());
}

void Client::out_of_reach(std::string_view why) {
  ++troubles_;
  say_down(why);
  probe();
}

/// "Broker transport failure" is all that a question is told; the connection knows whether it was a name, a certificate
/// or a password.
std::string Client::why_down(rd_kafka_resp_err_t error) const {
  return error == RD_KAFKA_RESP_ERR__TRANSPORT && !refusal_.empty() ? refusal_ : rd_kafka_err2str(error);
}

void Client::say_down(std::string_view why) {
  trouble_ = fmt::format("no broker of {} answers: {}", settings_.servers(), why);
  const bool first = !down_.exchange(true);
  // A question may have timed out before its connection knew why.
  if (!first && (reason_told_ || refusal_.empty())) return;
  reason_told_ = !refusal_.empty();
  log::warn("kafka: {}", *trouble_);
}

void Client::probe() {
  if (probing_ || stopped_) return;
  probing_ = true;
  if (probe_timer_ != 0) clock_.cancel(probe_timer_);
  asio::post(threads_, [this, weak = weak_from_this(), rk = producer(), began = troubles_]() mutable {
    if (stopped_) return;
    const struct rd_kafka_metadata* metadata = nullptr;
    const auto error = rd_kafka_metadata(rk.get(), 0, nullptr, &metadata, probe_timeout_ms);
    const Metadata owned(metadata);
    rk.reset();
    to_loop([weak, began, error] {
      const auto self = weak.lock();
      if (!self || self->stopped_) return;
      self->probing_ = false;
      if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        self->say_down(self->why_down(error));
      } else if (began == self->troubles_) {
        self->in_reach();
      }
      self->probe_again(self->trouble_ ? probe_interval_in_trouble : probe_interval);
    });
  });
}

void Client::probe_again(Duration delay) {
  probe_timer_ = clock_.call_at(clock_.now() + delay, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    self->probe_timer_ = 0;
    self->probe();
  });
}

}  // namespace foodorder::kafka
