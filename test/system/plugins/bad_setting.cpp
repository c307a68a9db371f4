#include "refused_kind.hpp"

namespace {

foodorder::ModuleKind unset_kind() {
  foodorder::ModuleKind kind = foodorder::test::refused_kind("unset");
  kind.settings = {foodorder::SettingSpec::integer("cupsMax", 0, 1, 9, "its default is not allowed")};
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(unset_kind);
