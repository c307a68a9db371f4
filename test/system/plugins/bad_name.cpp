#include "refused_kind.hpp"

namespace {

foodorder::ModuleKind shouting_kind() { return foodorder::test::refused_kind("Loud, Very"); }

}  // namespace

FOODORDER_PLUGIN(shouting_kind);
