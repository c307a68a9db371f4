#pragma once

#include "foodorder/runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
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
  Series<prometheus::Gauge> queued_;
  Series<prometheus::Counter> sent_;
  Series<prometheus::Gauge> up_;
  Series<prometheus::Gauge> round_trip_;
};

}  // namespace foodorder::kafka
