#pragma once

#include "bus_kafka/handles.hpp"
#include "bus_kafka/queue_watch.hpp"
#include "foodorder/base/park.hpp"
#include "foodorder/bus/record.hpp"

#include <cstddef>
#include <memory>
#include <string>

namespace foodorder::bench {

/// librdkafka's producer by the settings of the program's own, without all that the bus puts around it: no results, no
/// limits, no deadlines. A record that is not acknowledged ends the process. All have the same headers.
class BareProducer {
 public:
  BareProducer(const std::string& brokers, const std::string& topic, Headers headers);
  ~BareProducer();
  BareProducer(const BareProducer&) = delete;
  BareProducer& operator=(const BareProducer&) = delete;

  /// Whose thread takes the acknowledgements that send() waits for.
  void wake_on(const Executor& loop);
  /// Completes with the acknowledgement.
  Task<> send(const std::string& key, const std::string& value);

  /// Sends without waiting; at the most `in_flight_max` are without an acknowledgement after it.
  void send_some(const std::string& key, const std::string& value, std::size_t in_flight_max);
  void wait_for_all();

 private:
  void produce(const std::string& key, const std::string& value, void* opaque);
  void take_reports(int wait_ms);

  const Headers headers_;
  kafka::Handle instance_;
  kafka::Topic topic_;
  kafka::Queue events_;
  std::unique_ptr<kafka::QueueWatch> watch_;
  std::size_t in_flight_ = 0;
};

}  // namespace foodorder::bench
