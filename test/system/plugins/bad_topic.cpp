#include "refused_kind.hpp"

namespace {

using namespace foodorder;
using foodorder::test::refused_kind;

ModuleKind bad_topic_kind() {
  ModuleKind kind = refused_kind("shelf");
  kind.topics.emplace_back("top;shelf", 1);
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(bad_topic_kind);
