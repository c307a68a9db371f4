#include "foodorder/runtime/module.hpp"

namespace foodorder {

Task<Result<json::object>> Module::replay() { co_return Error(Errc::unsupported, "this module has nothing to replay"); }

}  // namespace foodorder
