#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "handles.hpp"

#include <librdkafka/rdkafka_mock.h>
#include <mutex>
#include <set>
#include <string>

namespace foodorder::kafka {

/// librdkafka's cluster in this process: Kafka's protocol without a broker. It knows no admin requests; topics are made
/// by a call.
class MockCluster {
 public:
  /// Of an instance that was made with `test.mock.num.brokers`.
  explicit MockCluster(Handle host) : host_(std::move(host)), cluster_(rd_kafka_handle_mock_cluster(host_.get())) {}

  [[nodiscard]] std::string servers() const;
  Result<void> create(const TopicSpec& topic);
  /// It would make any topic that it is asked about.
  [[nodiscard]] bool knows(const std::string& topic) const;

 private:
  Handle host_;  ///< the cluster ends with it
  rd_kafka_mock_cluster_t* cluster_;
  mutable std::mutex mutex_;  // topics are made off the loop
  std::set<std::string> topics_;
};

}  // namespace foodorder::kafka
