#include "architecture.hpp"

#include "bus_kafka/kafka_bus.hpp"
#include "bus_memory/memory_bus.hpp"
#include "database_sqlite/sqlite_store.hpp"
#include "foodorder/base/number.hpp"
#include "monolith/monolith.hpp"
#include "monolith/table_bus.hpp"
#include "rest/elsewhere.hpp"
#include "rest/rest.hpp"

#include <fmt/format.h>
#include <map>

namespace foodorder::app {

namespace {

MemoryBusOptions memory_options(const ArchitectureParts& parts) {
  MemoryBusOptions options;
  options.log_id = parts.ids.hex(16);
  options.retention_bytes = parts.config.retention_bytes;
  return options;
}

std::unique_ptr<EventBus> make_bus(const ArchitectureParts& parts) {
  if (parts.config.bus == "memory") return make_memory_bus(parts.loop, parts.clock, memory_options(parts));
  KafkaBusOptions options;
  options.brokers = parts.config.brokers;
  options.settings = parts.config.librdkafka;
  options.metrics = &parts.metrics;
  return make_kafka_bus(parts.loop, parts.clock, std::move(options));
}

/// Services that speak through a log.
class Events final : public Architecture {
 public:
  explicit Events(const ArchitectureParts& parts) : config_(parts.config), bus_(make_bus(parts)) {}

  EventBus& bus() override { return *bus_; }
  std::vector<ModuleKind> kinds(std::span<const ModuleKind> kinds) override { return {kinds.begin(), kinds.end()}; }
  std::vector<http::Route> routes() override { return {}; }
  Task<json::object> snapshot() override { co_return json::object{{"name", config_.architecture}}; }
  Task<> update_metrics() override { co_return; }
  Task<std::string> add_readiness(json::object&) override { co_return ""; }

  std::string announcement() const override {
    if (config_.bus == "kafka") return "bus        kafka at " + config_.brokers + config_.origins_of({"brokers"});
    return "bus        memory: nothing is kept after this process ends";
  }

 private:
  const Config& config_;
  std::unique_ptr<EventBus> bus_;
};

std::string_view survived(const Config& config) {
  return config.durability == "power" ? "a loss of power" : "kill -9 (--durability=power: loss of power, too)";
}

SqliteOptions store_options(const ArchitectureParts& parts) {
  SqliteOptions options;
  options.file = parts.config.database_file();
  options.survives_power = parts.config.durability == "power";
  options.fraud_query = parts.config.fraud_query;
  options.new_log_id = parts.ids.hex(16);
  return options;
}

/// One program over a database. The bus carries module control only, and shows the tables as a log.
class Monolith final : public Architecture {
 public:
  explicit Monolith(const ArchitectureParts& parts)
      : config_(parts.config),
        clock_(parts.clock),
        store_(make_sqlite_store(parts.loop, parts.clock, store_options(parts))),
        control_bus_(make_memory_bus(parts.loop, parts.clock, memory_options(parts))),
        bus_(make_table_bus(store_->orders(), *control_bus_, parts.clock)),
        metrics_(parts.metrics, *store_) {}

  EventBus& bus() override { return *bus_; }
  std::vector<ModuleKind> kinds(std::span<const ModuleKind> kinds) override { return monolith_kinds(*store_, kinds); }
  std::vector<http::Route> routes() override { return job_routes(*store_, clock_); }
  Task<json::object> snapshot() override {
    json::object snapshot = co_await monolith_snapshot(*store_);
    snapshot["name"] = config_.architecture;
    snapshot["file"] = config_.database_file();
    snapshot["durability"] = config_.durability;
    snapshot["fraudQuery"] = config_.fraud_query;
    co_return snapshot;
  }
  Task<> update_metrics() override { return metrics_.update(); }
  Task<std::string> add_readiness(json::object&) override { co_return ""; }

  std::string announcement() const override {
    return fmt::format("database   {}: what is acknowledged survives {}", config_.database_file(), survived(config_));
  }

 private:
  const Config& config_;
  Clock& clock_;
  std::unique_ptr<database::Store> store_;
  std::unique_ptr<EventBus> control_bus_;
  std::unique_ptr<EventBus> bus_;
  StoreMetrics metrics_;
};

/// Services that call each other. The bus carries module control only, and shows their logs as one.
class Rest final : public Architecture {
 public:
  explicit Rest(const ArchitectureParts& parts)
      : config_(parts.config),
        control_bus_(make_memory_bus(parts.loop, parts.clock, memory_options(parts))),
        network_(http::make_network(parts.loop)),
        system_(*network_, parts.clock, *control_bus_, parts.metrics, make_stores(parts), options(parts.config)) {}

  EventBus& bus() override { return system_.bus(); }
  std::vector<ModuleKind> kinds(std::span<const ModuleKind> kinds) override { return system_.kinds(kinds); }
  std::vector<http::Route> routes() override { return system_.routes(); }
  Task<> run() override { return system_.run(); }
  void stop() override { system_.stop(); }
  Task<json::object> snapshot() override {
    json::object snapshot = co_await system_.snapshot();
    snapshot["name"] = config_.architecture;
    snapshot["folder"] = config_.database_folder();
    snapshot["durability"] = config_.durability;
    snapshot["onFraudDown"] = config_.on_fraud_down;
    snapshot["outbox"] = config_.outbox;
    co_return snapshot;
  }
  Task<> update_metrics() override { return system_.update_metrics(); }
  Task<std::string> add_readiness(json::object& body) override { return system_.add_readiness(body); }

  std::string announcement() const override {
    std::vector<std::string> own;
    for (const char* service : rest_services)
      if (config_.has_module(service)) own.emplace_back(service);
    std::string files = fmt::format("{}", fmt::join(own, ","));
    if (own.size() > 1) files = "{" + files + "}";
    std::string line = fmt::format("databases  {}/{}.db: what is acknowledged survives {}", config_.database_folder(),
                                   files, survived(config_));
    for (const auto& [service, address] : elsewhere(config_))
      line += fmt::format("\n{:<11}{}", service, rest::url_of(address));
    return line;
  }

 private:
  static RestOptions options(const Config& config) {
    RestOptions options;
    options.accept_unchecked = config.on_fraud_down == "accept";
    options.outbox = config.outbox == "on";
    options.seed = config.seed;
    options.elsewhere = elsewhere(config);
    return options;
  }

  static std::map<std::string, http::Address, std::less<>> elsewhere(const Config& config) {
    std::map<std::string, http::Address, std::less<>> addresses;
    for (const auto& [service, url] : config.services_elsewhere()) {
      const BaseUrl base = parse_base_url(url).value();
      addresses.emplace(service, http::Address(base.host, parse_number<std::uint16_t>(base.port).value()));
    }
    return addresses;
  }

  static RestStores make_stores(const ArchitectureParts& parts) {
    const auto signals = std::make_shared<database::Signals>();
    const auto make = [&](const char* service) -> std::unique_ptr<database::ServiceStore> {
      if (!parts.config.has_module(service)) return nullptr;
      SqliteOptions options = store_options(parts);
      options.file = fmt::format("{}/{}.db", parts.config.database_folder(), service);
      options.architecture = fmt::format("rest, the {} service", service);
      options.signals = signals;
      return make_sqlite_service_store(parts.loop, parts.clock, std::move(options));
    };
    return RestStores{make("order"), make("fraud"), make("notification"), make("audit")};
  }

  const Config& config_;
  std::unique_ptr<EventBus> control_bus_;
  std::unique_ptr<http::Network> network_;
  RestSystem system_;
};

}  // namespace

std::unique_ptr<Architecture> make_architecture(const ArchitectureParts& parts) {
  if (parts.config.architecture == "rest") return std::make_unique<Rest>(parts);
  if (parts.config.architecture == "monolith") return std::make_unique<Monolith>(parts);
  return std::make_unique<Events>(parts);
}

}  // namespace foodorder::app
