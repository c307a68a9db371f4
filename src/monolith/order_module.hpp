#pragma once

#include "database/order_database.hpp"
#include "foodorder/runtime/module.hpp"
#include "fraud_gate.hpp"

#include <memory>

namespace foodorder::monolith {

/// Takes orders by REST: each is one transaction. Relays the tables to the event stream.
std::unique_ptr<Module> make_order_module(ModuleContext context, database::OrderDatabase& orders,
                                          std::shared_ptr<const FraudGate> gate);
std::vector<ModuleRoute> order_module_routes();

}  // namespace foodorder::monolith
