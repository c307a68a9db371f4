#pragma once

#include <string_view>

namespace prometheus {
class Counter;
class Registry;
}  // namespace prometheus

namespace foodorder {

/// `foodorder_unparsable_records_total{module}`: records whose body a module could not read.
prometheus::Counter& unparsable_records(prometheus::Registry& registry, std::string_view module);

}  // namespace foodorder
