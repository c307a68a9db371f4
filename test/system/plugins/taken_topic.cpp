#include "refused_kind.hpp"

namespace {

using namespace foodorder;
using foodorder::test::refused_kind;

ModuleKind taken_topic_kind() {
  ModuleKind kind = refused_kind("shelf");
  kind.topics.emplace_back("orders", 7);
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(taken_topic_kind);
