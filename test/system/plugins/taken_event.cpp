#include "refused_kind.hpp"

namespace {

using namespace foodorder;
using foodorder::test::refused_kind;

ModuleKind taken_event_kind() {
  ModuleKind kind = refused_kind("shelf");
  kind.topics.emplace_back("shelves", 1).event_type = "audit";
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(taken_event_kind);
