#include "refused_kind.hpp"

namespace {

using namespace foodorder;
using foodorder::test::refused_kind;

ModuleKind taken_flag_kind() {
  ModuleKind kind = refused_kind("shelf");
  kind.settings.push_back(SettingSpec::integer("depth", 1, 1, 9, "how deep").with_flag("--port", "SHELF_DEPTH"));
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(taken_flag_kind);
