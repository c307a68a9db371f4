#include "refused_kind.hpp"

namespace {

foodorder::ModuleKind second_fraud_kind() { return foodorder::test::refused_kind("fraud"); }

}  // namespace

FOODORDER_PLUGIN(second_fraud_kind);
