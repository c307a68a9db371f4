#include "monolith.hpp"

#include "figures_module.hpp"
#include "fraud_gate.hpp"
#include "order_module.hpp"
#include "worker_module.hpp"

namespace foodorder {

namespace {

using monolith::Figures;
using monolith::FraudGate;

using monolith::configure_gate;

using Make = decltype(ModuleKind::make);

Make make_order(database::Store& store, std::shared_ptr<FraudGate> gate) {
  return [&store, gate = std::move(gate)](ModuleContext context) {
    return monolith::make_order_module(std::move(context), store.orders(), gate);
  };
}

Make make_worker(database::Store& store) {
  return [&store](ModuleContext context) { return monolith::make_worker_module(std::move(context), store); };
}

Make make_figures(Figures figures) {
  return [figures = std::move(figures)](const ModuleContext& context) {
    return monolith::make_figures_module(context, figures);
  };
}

/// The check itself is the order service's; an instance of fraud has its settings and shows its figures.
Figures fraud_figures(database::Store& store, const std::shared_ptr<FraudGate>& gate) {
  Figures figures;
  figures.read = [orders = &store.orders(), gate](Timestamp now) {
    return orders->fraud_figures(now, gate->limits().window);
  };
  figures.configure = [gate](const Settings& settings) { configure_gate(*gate, settings); };
  return figures;
}

Figures statistics(database::Store& store) {
  Figures figures;
  figures.read = [orders = &store.orders()](Timestamp now) { return orders->statistics(now); };
  return figures;
}

Task<Result<json::object>> count_rows(database::OrderDatabase& orders) {
  const auto end = co_await orders.end();
  if (!end) co_return end.error();
  json::object figures;
  figures["rows"] = *end - 1;
  co_return figures;
}

Figures rows_of_audit(database::Store& store) {
  Figures figures;
  figures.read = [orders = &store.orders()](Timestamp) { return count_rows(*orders); };
  return figures;
}

}  // namespace

std::vector<ModuleKind> monolith_kinds(database::Store& store, std::span<const ModuleKind> kinds) {
  const auto gate = std::make_shared<FraudGate>();
  std::vector<ModuleKind> own;
  for (const ModuleKind& kind : kinds) {
    ModuleKind& mine = own.emplace_back(kind);
    mine.routes.clear();
    if (kind.name == "order") {
      mine.summary = "takes orders by REST, checks and stores each in one transaction";
      mine.routes = monolith::order_module_routes();
      mine.make = make_order(store, gate);
    } else if (kind.name == "notification") {
      mine.summary = "works on the queue of jobs";
      mine.make = make_worker(store);
    } else if (kind.name == "fraud") {
      configure_gate(*gate, Settings(kind.settings));
      mine.summary = "has the settings of the fraud check, which is a part of each order's transaction";
      mine.make = make_figures(fraud_figures(store, gate));
    } else if (kind.name == "analytics") {
      mine.summary = "shows statistics, by SQL";
      mine.make = make_figures(statistics(store));
    } else if (kind.name == "audit") {
      mine.summary = "is a table; shows how many rows it has";
      mine.make = make_figures(rows_of_audit(store));
    }
  }
  return own;
}

}  // namespace foodorder
