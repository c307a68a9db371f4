#pragma once

#include "database/order_database.hpp"
#include "foodorder/runtime/module.hpp"
#include "monolith/fraud_gate.hpp"
#include "order_http/feed_reader.hpp"
#include "order_http/order_book.hpp"

#include <functional>
#include <memory>

namespace foodorder::monolith {

/// Work that goes on beside the order service.
class Companion {
 public:
  virtual ~Companion() = default;
  /// Completes when nothing of what is done from now on escapes it. run() does it, too.
  virtual Task<> prepare() = 0;
  /// Until stop(): then it finishes what it has begun.
  virtual Task<> run() = 0;
  virtual void stop() = 0;
};

/// The order service over a database, whatever else an architecture does with an order.
struct OrderParts {
  explicit OrderParts(database::OrderDatabase& where) : orders(where) {}

  database::OrderDatabase& orders;
  std::function<std::unique_ptr<order::OrderBook>(const ModuleContext& context, const order::FeedReader& live)>
      make_book;
  std::function<json::object()> report;
  std::function<std::unique_ptr<Companion>(const ModuleContext& context)> make_companion;  ///< may be null
};

/// Takes orders by REST, and relays the tables to the event stream.
std::unique_ptr<Module> make_order_module(ModuleContext context, OrderParts parts);

/// The same where each order is one transaction.
std::unique_ptr<Module> make_order_module(ModuleContext context, database::OrderDatabase& orders,
                                          std::shared_ptr<FraudGate> gate);
std::vector<ModuleRoute> order_module_routes();

}  // namespace foodorder::monolith
