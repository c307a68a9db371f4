#include "broker_watch.hpp"

#include "client.hpp"
#include "foodorder/base/log.hpp"

#include <fmt/format.h>

namespace foodorder::kafka {

namespace {

constexpr Duration probe_interval = std::chrono::seconds(5);
constexpr Duration probe_interval_in_trouble = std::chrono::milliseconds(250);
constexpr int probe_timeout_ms = 2000;

bool is_of_connection(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR__SSL || error == RD_KAFKA_RESP_ERR__AUTHENTICATION ||
         error == RD_KAFKA_RESP_ERR__RESOLVE || error == RD_KAFKA_RESP_ERR__TRANSPORT;
}

/// Cuts "(after 301ms in state AUTH_REQ)": the same error has the same words each time.
std::string without_times(std::string_view text) { return std::string(text.substr(0, text.find(" (after "))); }

}  // namespace

BrokerWatch::BrokerWatch(Client& client)
    : client_(client), trouble_(fmt::format("no broker of {} has answered yet", client.options().brokers)) {}

void BrokerWatch::stop() {
  if (timer_ != 0) client_.clock().cancel(timer_);
}

void BrokerWatch::probe() {
  if (probing_ || client_.stopped()) return;
  probing_ = true;
  if (timer_ != 0) client_.clock().cancel(timer_);
  std::function<rd_kafka_resp_err_t()> ask = [rk = client_.producer()] {
    const struct rd_kafka_metadata* metadata = nullptr;
    const auto error = rd_kafka_metadata(rk.get(), 0, nullptr, &metadata, probe_timeout_ms);
    const Metadata owned(metadata);
    return error;
  };
  client_.off_loop_then<rd_kafka_resp_err_t>(
      std::move(ask), [weak = client_.weak_from_this(), this, began = failures_](rd_kafka_resp_err_t error) {
        const auto client = weak.lock();
        if (client && !client->stopped()) end_probe(error, began);
      });
}

void BrokerWatch::end_probe(rd_kafka_resp_err_t error, std::uint64_t began) {
  probing_ = false;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
    say_down(why_down(error));
  else if (began == failures_)
    answered();
  probe_after(trouble_ ? probe_interval_in_trouble : probe_interval);
}

void BrokerWatch::probe_after(Duration delay) {
  timer_ = client_.clock().call_at(client_.clock().now() + delay, [weak = client_.weak_from_this(), this] {
    const auto client = weak.lock();
    if (!client) return;
    timer_ = 0;
    probe();
  });
}

void BrokerWatch::answered() {
  connection_error_.clear();
  reason_logged_ = false;
  if (!trouble_) return;
  trouble_.reset();
  if (down_.exchange(false)) log::warn("kafka: a broker of {} answers", client_.settings().servers());
}

void BrokerWatch::take_error(rd_kafka_event_t* event) {
  const auto error = rd_kafka_event_error(event);
  const char* text = rd_kafka_event_error_string(event);
  if (is_of_connection(error)) connection_error_ = without_times(text);
  if (error != RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) return;
  ++failures_;
  say_down(connection_error_.empty() ? text : std::string_view(connection_error_));
  probe();
}

/// A failed metadata request says no more than "Broker transport failure". The connection's error names the cause: a
/// host name, a certificate, a password.
std::string BrokerWatch::why_down(rd_kafka_resp_err_t error) const {
  return error == RD_KAFKA_RESP_ERR__TRANSPORT && !connection_error_.empty() ? connection_error_
                                                                             : rd_kafka_err2str(error);
}

void BrokerWatch::say_down(std::string_view why) {
  trouble_ = fmt::format("no broker of {} answers: {}", client_.settings().servers(), why);
  const bool first = !down_.exchange(true);
  // A probe may time out before its connection knows why: log the reason as soon as there is one.
  if (!first && (reason_logged_ || connection_error_.empty())) return;
  reason_logged_ = !connection_error_.empty();
  log::warn("kafka: {}", *trouble_);
}

}  // namespace foodorder::kafka
