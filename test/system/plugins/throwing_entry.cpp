#include "foodorder/runtime/plugin.hpp"

#include <stdexcept>

namespace {

foodorder::ModuleKind broken_kind() { throw std::runtime_error("no licence found"); }

}  // namespace

FOODORDER_PLUGIN(broken_kind);
