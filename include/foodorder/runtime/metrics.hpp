#pragma once

#include <map>
#include <string>
#include <string_view>

namespace prometheus {
class Counter;
class Gauge;
class Registry;
template <typename Metric>
class Family;
}  // namespace prometheus

namespace foodorder {

/// `foodorder_unparsable_records_total{module}`: records whose body a module could not read.
prometheus::Counter& unparsable_records(prometheus::Registry& registry, std::string_view module);

/// `foodorder_refused_records_total{topic}`: records that a topic has refused for good (too large, invalid).
prometheus::Counter& refused_records(prometheus::Registry& registry, std::string_view topic);

/// The series of one name whose labels come and go: what was not set since the last sweep() is removed, so that a topic
/// or a group that is gone has none. `Metric` is a Gauge or a Counter, which is set to a total.
template <class Metric>
class Series {
 public:
  using Labels = std::map<std::string, std::string>;

  Series(prometheus::Registry& registry, const char* name, const char* help);

  void set(const Labels& labels, double value);
  void sweep();

 private:
  struct Entry {
    Metric* metric;
    bool is_set;
  };

  prometheus::Family<Metric>& family_;
  std::map<Labels, Entry> entries_;
};

extern template class Series<prometheus::Gauge>;
extern template class Series<prometheus::Counter>;

}  // namespace foodorder
