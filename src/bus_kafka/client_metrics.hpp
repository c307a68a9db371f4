#pragma once

#include <prometheus/registry.h>
#include <map>
#include <string>
#include <string_view>

namespace foodorder::kafka {

/// The producing instance's statistics (librdkafka's STATISTICS.md) as metrics.
class ClientMetrics {
 public:
  explicit ClientMetrics(prometheus::Registry& registry);

  /// Takes librdkafka's JSON. What is not as expected is left out.
  void update(std::string_view statistics);

 private:
  prometheus::Gauge& queued_;
  prometheus::Gauge& sent_;
  prometheus::Family<prometheus::Gauge>& up_;
  prometheus::Family<prometheus::Gauge>& round_trip_;
};

}  // namespace foodorder::kafka
