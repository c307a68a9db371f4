#include "foodorder/runtime/topics.hpp"

namespace foodorder::topics {

namespace {

using Config = std::map<std::string, std::string>;

Topic row(std::string_view name, std::int32_t partitions, Cleanup cleanup, Config config, std::string_view event_type,
          bool about_orders) {
  Topic topic(std::string(name), partitions, cleanup);
  topic.config = std::move(config);
  topic.event_type = event_type;
  topic.about_orders = about_orders;
  return topic;
}

std::vector<Topic> rows() {
  constexpr Cleanup deleted = Cleanup::by_deletion;
  constexpr Cleanup compacted = Cleanup::by_compaction;
  const Config kept{{"retention.ms", "-1"}};
  // Compaction shows within seconds where the log is small, and a slow reader has a minute to see a tombstone. Each
  // segment that a broker closes is a dozen syncs, and each compaction rewrites all that lives: not every second.
  const Config soon{{"segment.ms", "5000"},
                    {"min.cleanable.dirty.ratio", "0.1"},
                    {"max.compaction.lag.ms", "60000"},
                    {"delete.retention.ms", "60000"}};
  // Name, partitions, cleanup, settings, type on /events, tells of orders. The id of an event lists them in this order.
  return {
      row(orders, 3, deleted, kept, "order", true),   row(audit, 1, deleted, {}, "audit", true),
      row(orders_dlq, 1, deleted, {}, "dlq", true),   row(order_status, 3, compacted, soon, "", true),
      row(module_control, 1, deleted, {}, "", false), row(module_status, 1, compacted, soon, "", false),
  };
}

}  // namespace

const std::vector<Topic>& table() {
  static const std::vector<Topic> all = rows();
  return all;
}

std::vector<TopicSpec> catalogue() { return {table().begin(), table().end()}; }

}  // namespace foodorder::topics
