#pragma once

#include "bus_kafka/handles.hpp"
#include "bus_kafka/queue_watch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace foodorder::bench {

/// librdkafka's consumer by the settings of the program's own, without all that the bus puts around it. It belongs to
/// no group's members, but commits as one of the group `bare`.
class BareConsumer {
 public:
  using OnRecord = std::function<void(const rd_kafka_message_t& message)>;

  /// Takes records on the thread of `loop`.
  BareConsumer(const std::string& brokers, const Executor& loop);
  ~BareConsumer();
  BareConsumer(const BareConsumer&) = delete;
  BareConsumer& operator=(const BareConsumer&) = delete;

  /// Reads all of a topic from its end on.
  void start(const std::string& topic, std::int32_t partitions, OnRecord on_record);
  /// It has come to the end of each partition: nothing that is written from now on is missed.
  [[nodiscard]] bool ready() const noexcept { return ends_missing_ == 0; }

  /// Commits what was read since the last commit, without waiting for it.
  void commit();

 private:
  struct Source {
    std::string name;
    kafka::Topic topic;
    std::vector<std::int64_t> read_to;  ///< by partition; -1: nothing since the last commit
    OnRecord on_record;
  };

  void take_all();
  void take(const rd_kafka_message_t& message);

  kafka::Handle instance_;
  kafka::Queue events_;
  kafka::Queue records_;
  std::vector<Source> sources_;
  std::size_t ends_missing_ = 0;
  std::unique_ptr<kafka::QueueWatch> watch_;
};

}  // namespace foodorder::bench
