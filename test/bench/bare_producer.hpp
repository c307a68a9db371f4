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
/// limits, no deadlines. A record that is not acknowledged ends the process.
class BareProducer {
 public:
  explicit BareProducer(const std::string& brokers);
  ~BareProducer();
  BareProducer(const BareProducer&) = delete;
  BareProducer& operator=(const BareProducer&) = delete;

  /// To send to. Destroy it before the producer.
  [[nodiscard]] kafka::Topic topic(const std::string& name) const;

  /// Whose thread takes the acknowledgements.
  void wake_on(const Executor& loop);
  /// Copies the record at once, and completes with its acknowledgement.
  Task<> send(const kafka::Topic& topic, const Record& record);
  /// Sends a copy without waiting.
  void post(const kafka::Topic& topic, const Record& record) { produce(topic, record, nullptr); }

  /// Without a loop: at the most `in_flight_max` records are without an acknowledgement after it.
  void wait_until_at_most(std::size_t in_flight_max);

  /// Records that were sent and not acknowledged.
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

 private:
  void produce(const kafka::Topic& topic, const Record& record, void* opaque);
  void take_reports(int wait_ms);

  kafka::Handle instance_;
  kafka::Queue events_;
  std::unique_ptr<kafka::QueueWatch> watch_;
  std::size_t in_flight_ = 0;
};

}  // namespace foodorder::bench
