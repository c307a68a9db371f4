#pragma once

#include <string_view>

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace foodorder {

/// `foodorder_unparsable_records_total{module}`: records whose body a module could not read.
prometheus::Counter& unparsable_records(prometheus::Registry& registry, std::string_view module);

/// `foodorder_refused_records_total{topic}`: records that a topic has refused for good (too large, invalid).
prometheus::Counter& refused_records(prometheus::Registry& registry, std::string_view topic);

}  // namespace foodorder
