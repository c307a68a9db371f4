#pragma once

#include "foodorder/runtime/plugin.hpp"

namespace foodorder::test {

/// A kind that nothing is ever made of, for something else about it is wrong.
inline ModuleKind refused_kind(std::string name) {
  ModuleKind kind;
  kind.name = std::move(name);
  kind.summary = "is refused";
  kind.make = [](ModuleContext) -> std::unique_ptr<Module> { return nullptr; };
  return kind;
}

}  // namespace foodorder::test
