#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "foodorder/http/server.hpp"
#include "foodorder/runtime/supervisor.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace foodorder::app {

/// Gauges that are read when somebody asks for /metrics.
class ProcessMetrics {
 public:
  explicit ProcessMetrics(prometheus::Registry& registry);

  void set_groups(const std::vector<GroupDescription>& groups);
  void set_topics(const std::vector<TopicDescription>& topics);
  void set_instances(const std::vector<InstanceStatus>& instances);
  void set_http(const http::ServerStats& stats);
  /// Memory and CPU of this process, from /proc/self, and its log.
  void set_process();

 private:
  using Gauges = prometheus::Family<prometheus::Gauge>;

  Gauges& lag_;
  Gauges& removed_;
  Gauges& end_offset_;
  Gauges& topic_bytes_;
  Gauges& instance_up_;
  Gauges& http_connections_;
  Gauges& http_responses_;
  Gauges& process_;
  prometheus::Counter& process_cpu_;
  prometheus::Counter& log_lines_dropped_;
};

}  // namespace foodorder::app
