#include "refused_kind.hpp"

namespace {

using namespace foodorder;
using foodorder::test::refused_kind;

ModuleKind wide_topic_kind() {
  ModuleKind kind = refused_kind("shelf");
  kind.topics.emplace_back("shelves", 33).event_type = "shelf";
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(wide_topic_kind);
