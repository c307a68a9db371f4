#include "builtin_modules.hpp"

#include "analytics/module.hpp"
#include "audit/module.hpp"
#include "fraud/module.hpp"
#include "notification/module.hpp"
#include "order/module.hpp"

namespace foodorder {

std::span<const ModuleKind> builtin_modules() {
  static const ModuleKind kinds[] = {order_kind(), notification_kind(), fraud_kind(), analytics_kind(), audit_kind()};
  return kinds;
}

}  // namespace foodorder
