#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "http/server.hpp"
#include "runtime/supervisor.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>

namespace foodorder::app {

/// Reads the metrics of the process when /metrics is requested. Of foreign groups only those on the program's own
/// topics have series, and their number is limited.
class ProcessMetrics {
 public:
  ProcessMetrics(prometheus::Registry& registry, Timestamp started);

  void set_groups(const std::vector<GroupDescription>& groups);
  void set_topics(const std::vector<TopicDescription>& topics);
  void set_instances(const std::vector<InstanceStatus>& instances);
  void set_http(const http::ServerStats& stats);
  /// This process, from /proc/self, and its log.
  void set_process();

 private:
  using Gauges = Series<prometheus::Gauge>;
  using Counters = Series<prometheus::Counter>;

  Gauges lag_;
  Counters removed_;
  Gauges end_offset_;
  Gauges topic_bytes_;
  Gauges instance_up_;
  Gauges http_connections_;
  Counters http_refused_;
  Counters http_responses_;
  Gauges start_time_;
  Gauges resident_bytes_;
  Gauges virtual_bytes_;
  Gauges open_fds_;
  Gauges max_fds_;
  Gauges threads_;
  Counters cpu_seconds_;
  Counters log_lines_dropped_;
};

}  // namespace foodorder::app
