#include "foodorder/runtime/topics.hpp"

namespace foodorder::topics {

std::vector<TopicSpec> catalogue() {
  TopicSpec orders_topic(std::string(orders), 3);
  orders_topic.config = {{"retention.ms", "-1"}};
  TopicSpec status(std::string(order_status), 3, Cleanup::by_compaction);
  // So that compaction shows within seconds, while a slow reader has a minute to see a tombstone.
  status.config = {{"segment.ms", "1000"},
                   {"min.cleanable.dirty.ratio", "0.01"},
                   {"max.compaction.lag.ms", "1000"},
                   {"delete.retention.ms", "60000"}};
  TopicSpec modules(std::string(module_status), 1, Cleanup::by_compaction);
  modules.config = status.config;
  return {std::move(orders_topic), TopicSpec(std::string(orders_dlq), 1),     TopicSpec(std::string(audit), 1),
          std::move(status),       TopicSpec(std::string(module_control), 1), std::move(modules)};
}

}  // namespace foodorder::topics
