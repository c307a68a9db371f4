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
class Deliveries {
 public:
  virtual ~Deliveries() = default;
  /// What became of the record at `index`; once for each, on the loop, never from inside of Outgoing::add().
  virtual void settle(std::size_t index, Result<Position> result) = 0;
};

/// The way of all records of a process into librdkafka: in waves. Those of a topic that come while a wave of it is on
/// its way wait for its end and are the next one, so that they share requests. An idempotent producer of librdkafka has
/// them wait as well, but by asking its socket without a pause. A wave that takes its time holds up nobody: the next
/// one follows after 20 ms, for another partition may have another broker.
class Outgoing {
 public:
  explicit Outgoing(Client& client) : client_(client) {}

  /// Takes a record. `to` is kept until it is settled.
  void add(std::shared_ptr<Deliveries> to, std::size_t index, const ProducerRecord& record);

  /// A delivery report of librdkafka. On the loop.
  void report(const rd_kafka_message_t& message);

  /// Settles nothing any more. librdkafka may go on reading the records.
  void stop();

 private:
  struct Flying;

  struct Lane {
    explicit Lane(std::string name) : topic(std::move(name)) {}

    std::string topic;
    std::vector<Flying*> waiting;
    std::size_t in_flight = 0;  ///< given to librdkafka, not reported
  };

  /// A record on its way: what librdkafka's message has for its opaque.
  struct Flying {
    std::shared_ptr<Deliveries> to;
    std::size_t index = 0;
    Lane* lane = nullptr;
    std::shared_ptr<const Record> record;
    HeaderList headers;  ///< made before its wave leaves, which so reaches librdkafka at once
    std::optional<std::int32_t> partition;
  };

  Lane& lane_of(const std::string& topic);
  void launch_soon();
  void launch_all(bool overdue);
  void launch(Lane& lane);
  [[nodiscard]] Result<void> produce(Flying& flying);
  void settle(Flying& flying, Result<Position> result);

  Client& client_;
  std::unordered_map<std::string, Lane> lanes_;
  std::deque<Flying> flying_;  ///< all there ever were at the same time
  std::vector<Flying*> unused_;
  std::vector<Flying*> wave_;
  Clock::TimerId overdue_timer_ = 0;
  bool launching_soon_ = false;
  bool stopped_ = false;
};

}  // namespace foodorder::kafka
