#include "mock_cluster.hpp"

#include "errors.hpp"

#include <fmt/format.h>

namespace foodorder::kafka {

std::string MockCluster::servers() const { return rd_kafka_mock_cluster_bootstraps(cluster_); }

Result<void> MockCluster::create(const TopicSpec& topic) {
  const auto error = rd_kafka_mock_topic_create(cluster_, topic.name.c_str(), topic.partitions, 1);
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) return error_of(error, fmt::format("topic {}", topic.name));
  const std::scoped_lock lock(mutex_);
  topics_.insert(topic.name);
  return {};
}

bool MockCluster::knows(const std::string& topic) const {
  const std::scoped_lock lock(mutex_);
  return topics_.contains(topic);
}

}  // namespace foodorder::kafka
