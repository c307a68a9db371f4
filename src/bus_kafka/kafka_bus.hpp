#pragma once

#include "foodorder/bus/event_bus.hpp"

namespace prometheus {
class Registry;
}  // namespace prometheus

namespace foodorder {

struct KafkaBusOptions {
  /// Bootstrap servers, "host:port,host:port".
  std::string brokers = "localhost:29092";
  /// librdkafka's own settings as "name=value", over those of this program. `test.mock.num.brokers=1` puts a mock
  /// cluster into this process in the place of a broker.
  std::vector<std::string> settings;
  /// The broker's group.min.session.timeout.ms; Kafka's default.
  Duration session_timeout_min = std::chrono::seconds(6);
  /// Where librdkafka's statistics are shown; nothing: nowhere. Outlives the bus.
  prometheus::Registry* metrics = nullptr;
};

/// A client of Apache Kafka by librdkafka. Construction does not wait for a broker: until one answers, trouble()
/// says so and sends are refused. `executor` is an io_context's, the loop's. Throws std::runtime_error, one line, on
/// a setting that librdkafka does not know or that is the program's own.
std::unique_ptr<EventBus> make_kafka_bus(const Executor& executor, Clock& clock, KafkaBusOptions options);

}  // namespace foodorder
