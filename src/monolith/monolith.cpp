#include "monolith.hpp"

#include "figures_module.hpp"
#include "fraud_gate.hpp"
#include "order_module.hpp"
#include "worker_module.hpp"

#include <cmath>

namespace foodorder {

namespace {

using monolith::Figures;
using monolith::FraudGate;

/// What the modules of this process work on. ModuleKind::make is a plain function, which plugins rely on: it finds them
/// here. monolith_kinds() sets them before the first module is made.
struct Services {
  database::Store* store = nullptr;
  std::shared_ptr<FraudGate> gate;
};
Services& services() {
  static Services of_this_process;
  return of_this_process;
}

void configure_gate(FraudGate& gate, const Settings& settings) {
  fraud::Limits limits;
  limits.window = std::chrono::milliseconds(settings.integer("windowMs"));
  limits.velocity = settings.integer("velocityLimit");
  limits.burst = settings.integer("burstLimit");
  limits.amount_cents = std::llround(settings.number("amountLimit") * 100);
  gate.set_limits(limits);
  gate.set_block_on(settings.text("blockOn"));
}

std::unique_ptr<Module> make_order(ModuleContext context) {
  return monolith::make_order_module(std::move(context), services().store->orders(), services().gate);
}

std::unique_ptr<Module> make_worker(ModuleContext context) {
  return monolith::make_worker_module(std::move(context), *services().store);
}

/// The check itself is the order service's; an instance of fraud has its settings and shows its figures.
std::unique_ptr<Module> make_fraud(ModuleContext context) {
  Figures figures;
  figures.read = [orders = &services().store->orders(), gate = services().gate](Timestamp now) {
    return orders->fraud_figures(now, gate->limits().window);
  };
  figures.configure = [gate = services().gate](const Settings& settings) { configure_gate(*gate, settings); };
  return monolith::make_figures_module(context, std::move(figures));
}

std::unique_ptr<Module> make_analytics(ModuleContext context) {
  Figures figures;
  figures.read = [orders = &services().store->orders()](Timestamp now) { return orders->statistics(now); };
  return monolith::make_figures_module(context, std::move(figures));
}

Task<Result<json::object>> count_rows(database::OrderDatabase& orders) {
  const auto end = co_await orders.end();
  if (!end) co_return end.error();
  json::object figures;
  figures["rows"] = *end - 1;
  co_return figures;
}

std::unique_ptr<Module> make_audit(ModuleContext context) {
  Figures figures;
  figures.read = [orders = &services().store->orders()](Timestamp) { return count_rows(*orders); };
  return monolith::make_figures_module(context, std::move(figures));
}

}  // namespace

std::vector<ModuleKind> monolith_kinds(database::Store& store, std::span<const ModuleKind> kinds) {
  services() = Services{&store, std::make_shared<FraudGate>()};
  std::vector<ModuleKind> own;
  for (const ModuleKind& kind : kinds) {
    ModuleKind& mine = own.emplace_back(kind);
    mine.routes.clear();
    if (kind.name == "order") {
      mine.summary = "takes orders by REST, checks and stores each in one transaction";
      mine.routes = monolith::order_module_routes();
      mine.make = make_order;
    } else if (kind.name == "notification") {
      mine.summary = "works on the queue of jobs";
      mine.make = make_worker;
    } else if (kind.name == "fraud") {
      configure_gate(*services().gate, Settings(kind.settings));
      mine.summary = "has the settings of the fraud check, which is a part of each order's transaction";
      mine.make = make_fraud;
    } else if (kind.name == "analytics") {
      mine.summary = "shows statistics, by SQL";
      mine.make = make_analytics;
    } else if (kind.name == "audit") {
      mine.summary = "is a table; shows how many rows it has";
      mine.make = make_audit;
    }
  }
  return own;
}

}  // namespace foodorder
