#include "client_metrics.hpp"

#include <boost/json.hpp>

namespace foodorder::kafka {

namespace json = boost::json;

namespace {

double number(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (!value) return 0;
  boost::system::error_code error;
  const auto result = value->to_number<double>(error);
  return error ? 0 : result;
}

}  // namespace

ClientMetrics::ClientMetrics(prometheus::Registry& registry)
    : queued_(registry, "foodorder_kafka_producer_queue_records",
              "Records that were sent and are not acknowledged by the broker"),
      sent_(registry, "foodorder_kafka_producer_sent_records_total", "Records sent to brokers"),
      up_(registry, "foodorder_kafka_broker_up", "1 while the producer is connected to that broker"),
      round_trip_(registry, "foodorder_kafka_broker_round_trip_seconds",
                  "Mean time between a request and its answer in the last seconds") {}

void ClientMetrics::update(std::string_view statistics) {
  boost::system::error_code error;
  const json::value parsed = json::parse(statistics, error);
  if (error || !parsed.is_object()) return;
  const json::object& all = parsed.get_object();
  queued_.set({}, number(all, "msg_cnt"));
  sent_.set({}, number(all, "txmsgs"));
  const json::value* brokers = all.if_contains("brokers");
  if (!brokers || !brokers->is_object()) return;
  constexpr double micros_per_second = 1e6;
  for (const auto& [name, value] : brokers->get_object()) {
    if (!value.is_object() || number(value.get_object(), "nodeid") < 0) continue;  // a coordinator's alias
    const json::object& broker = value.get_object();
    const json::value* state = broker.if_contains("state");
    const json::value* round_trip = broker.if_contains("rtt");
    const Series<prometheus::Gauge>::Labels labels{{"broker", std::string(name)}};
    up_.set(labels, state && state->is_string() && state->get_string() == "UP" ? 1 : 0);
    if (round_trip && round_trip->is_object())
      round_trip_.set(labels, number(round_trip->get_object(), "avg") / micros_per_second);
  }
  up_.sweep();
  round_trip_.sweep();
}

}  // namespace foodorder::kafka
