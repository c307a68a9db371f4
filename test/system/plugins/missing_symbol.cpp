// Needs what no program has: it is told at start, not in the middle of an order.
#include "refused_kind.hpp"

void nobody_has_this();  // NOLINT(misc-use-internal-linkage): so it stays unresolved

namespace {

foodorder::ModuleKind lost_kind() {
  nobody_has_this();
  return foodorder::test::refused_kind("lost");
}

}  // namespace

FOODORDER_PLUGIN(lost_kind);
