#include "rest.hpp"

#include "addresses.hpp"
#include "call_metrics.hpp"
#include "call_routes.hpp"
#include "elsewhere.hpp"
#include "foodorder/runtime/topics.hpp"
#include "monolith/figures_module.hpp"
#include "monolith/monolith.hpp"
#include "monolith/table_bus.hpp"
#include "monolith/worker_module.hpp"
#include "remote_calls.hpp"
#include "remote_log.hpp"
#include "rest_order_book.hpp"
#include "service_module.hpp"
#include "service_routes.hpp"
#include "statistics_module.hpp"
#include "teller.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <set>
#include <stdexcept>

namespace foodorder {

using monolith::Figures;
using monolith::FraudGate;
using namespace rest;

namespace {

database::ServiceStore* store_of(const RestStores& stores, std::string_view service) {
  if (service == "order") return stores.order.get();
  if (service == "fraud") return stores.fraud.get();
  return service == "notification" ? stores.notification.get() : stores.audit.get();
}

}  // namespace

struct RestSystem::Parts {
  Parts(http::Network& over, Clock& the_clock, EventBus& control_bus, prometheus::Registry& metrics,
        RestStores its_stores, const RestOptions& how)
      : network(over),
        clock(the_clock),
        stores(std::move(its_stores)),
        options(how),
        arrows([this](const std::string& service) { return make_client(service); }, clock, how.seed, callers()),
        elsewhere(
            how.elsewhere, [this](const std::string& service) { return make_client(service); }, clock),
        remote_calls(elsewhere, arrows, clock),
        audit_elsewhere(make_remote_log("audit", topics::audit)),
        letters_elsewhere(make_remote_log("notification", topics::orders_dlq)),
        bus(make_table_bus(tables(), control_bus, clock, "rest")),
        call_metrics(metrics, arrows) {}

  [[nodiscard]] bool runs(std::string_view service) const { return store_of(stores, service) != nullptr; }
  [[nodiscard]] std::set<std::string> callers() const {
    std::set<std::string> own;
    for (const char* service : rest_services)
      if (runs(service)) own.insert(service);
    return own;
  }
  /// Some services run in other processes.
  [[nodiscard]] bool is_split() const {
    return !std::all_of(rest_services.begin(), rest_services.end(),
                        [this](const char* service) { return runs(service); });
  }
  [[nodiscard]] std::unique_ptr<http::Client> make_client(const std::string& service) {
    const auto next = [this, service]() -> std::optional<http::Address> {
      const auto found = options.elsewhere.find(service);
      return found == options.elsewhere.end() ? addresses.next(service) : found->second;
    };
    return network.client(clock, next);
  }
  /// Of an order service that follows another process; else null.
  std::unique_ptr<RemoteLog> make_remote_log(const std::string& service, std::string_view topic);
  /// Who has which topic.
  [[nodiscard]] LoggedTables tables() const;
  [[nodiscard]] database::ServiceStore& any_store() const;
  [[nodiscard]] json::array services_json() const;
  /// Those of this process, and those of others as these last told.
  Task<json::array> list_calls();
  std::unique_ptr<Module> make_order(ModuleContext context);
  std::unique_ptr<Module> make_fraud(const ModuleContext& context);
  std::unique_ptr<Module> make_notification(const ModuleContext& context);
  std::unique_ptr<Module> make_audit(const ModuleContext& context);
  [[nodiscard]] std::unique_ptr<Teller> make_teller(database::ServiceStore& store, TrackedArrow& audit,
                                                    TrackedArrow* notify = nullptr) const;
  /// The same settings and routes as there, made here.
  void adapt(ModuleKind& kind);

  http::Network& network;
  Clock& clock;
  const RestStores stores;
  const RestOptions options;
  const std::shared_ptr<FraudGate> gate = std::make_shared<FraudGate>();
  Addresses addresses;
  Arrows arrows;
  KeyedPlacings placings;
  Elsewhere elsewhere;
  RemoteCalls remote_calls;
  const std::unique_ptr<RemoteLog> audit_elsewhere;
  const std::unique_ptr<RemoteLog> letters_elsewhere;
  std::unique_ptr<EventBus> bus;
  CallMetrics call_metrics;
};

namespace {

Task<http::Response> list_services(json::array services) { co_return http::json_response(serialize_json(services)); }

Task<http::Response> answer_with(Task<json::array> listed) {
  const json::array list = co_await std::move(listed);
  co_return http::json_response(serialize_json(list));
}

Task<Result<json::object>> count_rows(database::OrderDatabase& log) {
  const auto end = co_await log.end();
  if (!end) co_return end.error();
  json::object figures;
  figures["rows"] = *end - 1;
  co_return figures;
}

/// Shows how many rows of its own table a service has still to tell along `arrow`; not where it tells from no table.
Task<> count_untold(json::object& shown, database::ServiceStore& store, const TrackedArrow& arrow) {
  if (!arrow.next_row) co_return;
  const auto end = co_await store.orders().end();
  if (end) shown["untold"] = std::max<std::int64_t>(*end - *arrow.next_row, 0);
}

}  // namespace

std::unique_ptr<RemoteLog> RestSystem::Parts::make_remote_log(const std::string& service, std::string_view topic) {
  const auto found = options.elsewhere.find(service);
  if (!stores.order || found == options.elsewhere.end()) return nullptr;
  return std::make_unique<RemoteLog>(make_client(service), clock, std::string(topic), url_of(found->second),
                                     stores.order->orders().signals());
}

database::ServiceStore& RestSystem::Parts::any_store() const {
  for (const char* service : rest_services)
    if (runs(service)) return *store_of(stores, service);
  throw std::runtime_error("--architecture=rest: this process runs no service");
}

LoggedTables RestSystem::Parts::tables() const {
  const auto log_of = [this](std::string_view service, RemoteLog* remote) -> database::TableLog& {
    if (remote) return *remote;
    database::ServiceStore* const own = store_of(stores, service);
    return (own ? *own : any_store()).orders();
  };
  return {log_of("order", nullptr), log_of("audit", audit_elsewhere.get()),
          log_of("notification", letters_elsewhere.get())};
}

json::array RestSystem::Parts::services_json() const {
  json::array all;
  for (const char* service : rest_services) {
    const bool here = runs(service) && (is_split() || std::string_view(service) == "order");
    json::object& shown = all.emplace_back(json::object{{"service", service}, {"here", here}}).as_object();
    const auto found = options.elsewhere.find(service);
    if (found != options.elsewhere.end()) shown["url"] = url_of(found->second);
  }
  return all;
}

Task<json::array> RestSystem::Parts::list_calls() {
  json::array all;
  for (const TrackedArrow* arrow : arrows.all()) {
    json::object shown = to_json(*arrow);
    co_await count_untold(shown, *store_of(stores, arrow->caller->arrow().from), *arrow);
    all.push_back(std::move(shown));
  }
  remote_calls.add_arrows(all);
  co_return all;
}

std::unique_ptr<Teller> RestSystem::Parts::make_teller(database::ServiceStore& store, TrackedArrow& audit,
                                                       TrackedArrow* notify) const {
  return std::make_unique<Teller>(Teller::Parts{store, clock, audit, notify, options.outbox});
}

std::unique_ptr<Module> RestSystem::Parts::make_order(ModuleContext context) {
  monolith::OrderParts order(stores.order->orders());
  order.make_book = [this](const ModuleContext& of, const order::FeedReader& live) {
    const OnFraudDown on_fraud_down = options.accept_unchecked ? OnFraudDown::accept : OnFraudDown::reject;
    return std::make_unique<RestOrderBook>(
        RestOrderBook::Parts{*stores.order, of.clock, of.ids, arrows, live, placings, on_fraud_down, options.outbox});
  };
  order.report = [this] {
    json::object report;
    report["onFraudDown"] = options.accept_unchecked ? "accept" : "reject";
    report["outbox"] = options.outbox;
    return report;
  };
  if (options.outbox)
    order.make_companion = [this](const ModuleContext&) {
      return make_teller(*stores.order, arrows.audit, &arrows.notify);
    };
  return monolith::make_order_module(std::move(context), std::move(order));
}

std::unique_ptr<Module> RestSystem::Parts::make_fraud(const ModuleContext& context) {
  Figures figures;
  figures.read = [store = stores.fraud.get(), gate = gate](Timestamp now) {
    return store->orders().fraud_figures(now, gate->limits().window);
  };
  figures.configure = [gate = gate](const Settings& settings) { monolith::configure_gate(*gate, settings); };
  ServiceParts service(network, addresses, "fraud");
  service.worker = monolith::make_figures_module(context, std::move(figures));
  service.routes = fraud_routes(*stores.fraud, clock, gate);
  service.called_here = runs("order");
  service.companion = make_teller(*stores.fraud, arrows.fraud_audit);
  return make_service_module(context, std::move(service));
}

std::unique_ptr<Module> RestSystem::Parts::make_notification(const ModuleContext& context) {
  ServiceParts service(network, addresses, "notification");
  service.answers_fail = false;  // its work does
  service.worker = monolith::make_worker_module(context, *stores.notification);
  service.routes = notification_routes(*stores.notification);
  service.called_here = runs("order");
  service.companion = make_teller(*stores.notification, arrows.notification_audit);
  return make_service_module(context, std::move(service));
}

std::unique_ptr<Module> RestSystem::Parts::make_audit(const ModuleContext& context) {
  Figures figures;
  figures.read = [store = stores.audit.get()](Timestamp) { return count_rows(store->orders()); };
  ServiceParts service(network, addresses, "audit");
  service.worker = monolith::make_figures_module(context, std::move(figures));
  service.routes = audit_routes(*stores.audit);
  service.called_here = runs("order") || runs("fraud") || runs("notification");
  service.is_awaited = [this] {
    return !arrows.audit.turn.expired() || !arrows.fraud_audit.turn.expired() ||
           !arrows.notification_audit.turn.expired();
  };
  return make_service_module(context, std::move(service));
}

void RestSystem::Parts::adapt(ModuleKind& kind) {
  kind.routes.clear();
  if (kind.name == "order") {
    kind.summary = "takes orders by REST: asks fraud, stores, tells notification and audit";
    kind.routes = monolith::order_module_routes();
    kind.make = [this](ModuleContext context) { return make_order(std::move(context)); };
  } else if (kind.name == "fraud") {
    monolith::configure_gate(*gate, Settings(kind.settings));
    kind.summary = "answers POST /check, from copies of the orders";
    kind.make = [this](const ModuleContext& context) { return make_fraud(context); };
  } else if (kind.name == "notification") {
    kind.summary = "answers POST /notify, and works on a queue of its own";
    kind.make = [this](const ModuleContext& context) { return make_notification(context); };
  } else if (kind.name == "analytics") {
    kind.summary = "shows statistics, folded from the services' logs";
    kind.make = [](const ModuleContext& context) { return make_statistics_module(context); };
  } else if (kind.name == "audit") {
    kind.summary = "answers POST /audit, and keeps what it is told";
    kind.make = [this](const ModuleContext& context) { return make_audit(context); };
  }
  if (std::find(rest_services.begin(), rest_services.end(), kind.name) == rest_services.end()) return;
  if (!runs(kind.name))
    kind.make = [name = kind.name](const ModuleContext&) -> std::unique_ptr<Module> {
      throw std::runtime_error(
          fmt::format("the {0} service is not one of this process: start one with --modules={0}", name));
    };
  else if (is_split() && kind.name != "order")
    kind.routes.push_back(service_route(kind.name == "fraud" ? "/check" : kind.name == "audit" ? "/audit" : "/notify"));
}

RestSystem::RestSystem(http::Network& network, Clock& clock, EventBus& control_bus, prometheus::Registry& metrics,
                       RestStores stores, const RestOptions& options)
    : parts_(std::make_shared<Parts>(network, clock, control_bus, metrics, std::move(stores), options)) {}
RestSystem::~RestSystem() = default;

EventBus& RestSystem::bus() { return *parts_->bus; }

std::vector<ModuleKind> RestSystem::kinds(std::span<const ModuleKind> kinds) {
  std::vector<ModuleKind> own(kinds.begin(), kinds.end());
  for (ModuleKind& kind : own) parts_->adapt(kind);
  return own;
}

std::vector<http::Route> RestSystem::routes() {
  std::vector<http::Route> routes = call_routes(parts_->arrows, parts_->remote_calls);
  routes.emplace_back(http::Method::get, "/api/calls",
                      [parts = parts_](http::Request&) { return answer_with(parts->list_calls()); });
  routes.emplace_back(http::Method::get, "/api/services",
                      [parts = parts_](http::Request&) { return list_services(parts->services_json()); });
  if (!parts_->stores.notification) return routes;
  std::vector<http::Route> jobs = job_routes(*parts_->stores.notification, parts_->clock);
  std::move(jobs.begin(), jobs.end(), std::back_inserter(routes));
  return routes;
}

json::array RestSystem::calls() { return calls_json(parts_->arrows); }

Task<> RestSystem::run() { return parts_->remote_calls.run(); }

void RestSystem::stop() { parts_->remote_calls.stop(); }

Task<json::object> RestSystem::snapshot() {
  json::array calls = co_await parts_->list_calls();
  json::object untold;
  for (const json::value& arrow : calls)
    if (const json::value* rows = arrow.get_object().if_contains("untold"))
      untold[text_at(arrow.get_object(), "from")] = *rows;
  json::object snapshot;
  snapshot["calls"] = std::move(calls);
  snapshot["untold"] = std::move(untold);
  snapshot["services"] = parts_->services_json();
  co_return snapshot;
}

Task<std::string> RestSystem::add_readiness(json::object& body) {
  json::array services;
  std::string trouble = co_await parts_->elsewhere.look(services);
  if (!services.empty()) body["services"] = std::move(services);
  co_return trouble;
}

Task<> RestSystem::update_metrics() {
  parts_->call_metrics.update();
  co_return;
}

}  // namespace foodorder
