#include "foodorder/runtime/module.hpp"

namespace foodorder {

ConsumerSpec member_of(const ModuleContext& context, std::string_view group, std::string_view topic) {
  ConsumerSpec spec(context.instance_id, {std::string(topic)});
  spec.group = std::string(group);
  spec.session_timeout = context.session_timeout;
  return spec;
}

Task<Result<json::object>> Module::replay() { co_return Error(Errc::unsupported, "this module has nothing to replay"); }

}  // namespace foodorder
