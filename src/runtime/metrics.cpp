#include "foodorder/runtime/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/registry.h>

namespace foodorder {

prometheus::Counter& unparsable_records(prometheus::Registry& registry, std::string_view module) {
  return prometheus::BuildCounter()
      .Name("foodorder_unparsable_records_total")
      .Help("Records whose body a module could not read")
      .Register(registry)
      .Add({{"module", std::string(module)}});
}

}  // namespace foodorder
