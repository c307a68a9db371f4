#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace foodorder::kafka {

class Client;

/// Where the results of records go.
class DeliveryReports {
 public:
  virtual ~DeliveryReports() = default;
  /// What became of the record at `index`; once for each, on the loop, never from inside of Outgoing::add().
  virtual void settle(std::size_t index, Result<Position> result) = 0;
};

/// Hands all records of a process to librdkafka, in batches. Records of a topic that arrive while a batch of it is in
/// flight wait for that batch and form the next one, so that they share requests. An idempotent producer of librdkafka
/// lets them wait as well, but polls its socket meanwhile. A slow batch delays the next one by 20 ms at most, because
/// another partition may have another broker.
class Outgoing {
 public:
  explicit Outgoing(Client& client) : client_(client) {}

  /// Takes a record. `to` is kept until it is settled.
  void add(std::shared_ptr<DeliveryReports> to, std::size_t index, const ProducerRecord& record);

  /// A delivery report of librdkafka. On the loop.
  void report(const rd_kafka_message_t& message);

  /// Settles nothing any more. librdkafka may go on reading the records.
  void stop();

 private:
  struct InFlight;

  struct TopicQueue {
    explicit TopicQueue(std::string name) : topic(std::move(name)) {}

    std::string topic;
    std::vector<InFlight*> waiting;
    std::size_t in_flight = 0;  ///< given to librdkafka, not reported
  };

  /// A record in flight: the opaque of librdkafka's message.
  struct InFlight {
    std::shared_ptr<DeliveryReports> to;
    std::size_t index = 0;
    TopicQueue* queue = nullptr;
    std::shared_ptr<const Record> record;
    HeaderList headers;  ///< made before the batch leaves, so that it reaches librdkafka at once
    std::optional<std::int32_t> partition;
  };

  TopicQueue& queue_of(const std::string& topic);
  void launch_soon();
  void launch_all(bool overdue);
  void launch(TopicQueue& queue);
  [[nodiscard]] Result<void> produce(InFlight& entry);
  void settle(InFlight& entry, Result<Position> result);

  Client& client_;
  std::unordered_map<std::string, TopicQueue> queues_;
  std::deque<InFlight> in_flight_;  ///< the pool of entries; it never shrinks
  std::vector<InFlight*> unused_;
  std::vector<InFlight*> batch_;
  Clock::TimerId overdue_timer_ = 0;
  bool launching_soon_ = false;
  bool stopped_ = false;
};

}  // namespace foodorder::kafka
