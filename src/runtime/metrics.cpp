#include "foodorder/runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <type_traits>

namespace foodorder {

prometheus::Counter& unparsable_records(prometheus::Registry& registry, std::string_view module) {
  return prometheus::BuildCounter()
      .Name("foodorder_unparsable_records_total")
      .Help("Records whose body a module could not read")
      .Register(registry)
      .Add({{"module", std::string(module)}});
}

prometheus::Counter& refused_records(prometheus::Registry& registry, std::string_view topic) {
  return prometheus::BuildCounter()
      .Name("foodorder_refused_records_total")
      .Help("Records that a topic has refused for good; what they were stands on orders-dlq")
      .Register(registry)
      .Add({{"topic", std::string(topic)}});
}

template <class Metric>
Series<Metric>::Series(prometheus::Registry& registry, const char* name, const char* help)
    : family_([&]() -> prometheus::Family<Metric>& {
        if constexpr (std::is_same_v<Metric, prometheus::Counter>)
          return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
        else
          return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
      }()) {}

template <class Metric>
void Series<Metric>::set(const Labels& labels, double value) {
  auto [at, is_new] = entries_.try_emplace(labels, Entry{nullptr, true});
  Entry& entry = at->second;
  if (is_new) entry.metric = &family_.Add(labels);
  entry.is_set = true;
  if constexpr (std::is_same_v<Metric, prometheus::Counter>) {
    if (value < entry.metric->Value()) {  // a group of the same name, but another one: it counts from 0
      family_.Remove(entry.metric);
      entry.metric = &family_.Add(labels);
    }
    entry.metric->Increment(value - entry.metric->Value());
  } else {
    entry.metric->Set(value);
  }
}

template <class Metric>
void Series<Metric>::sweep() {
  for (auto at = entries_.begin(); at != entries_.end();) {
    if (!at->second.is_set) {
      family_.Remove(at->second.metric);
      at = entries_.erase(at);
    } else {
      (at++)->second.is_set = false;
    }
  }
}

template class Series<prometheus::Gauge>;
template class Series<prometheus::Counter>;
}  // namespace foodorder
