#include "refused_kind.hpp"

namespace {

using namespace foodorder;
using foodorder::test::refused_kind;

struct Nothing : Module {
  Task<http::Response> answer(http::Request&) { co_return http::Response(); }
};

ModuleKind taken_route_kind() {
  ModuleKind kind = refused_kind("shelf");
  kind.routes.emplace_back(http::Method::get, "/api/orders", &Nothing::answer);
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(taken_route_kind);
