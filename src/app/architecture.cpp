#include "architecture.hpp"

#include "bus_kafka/kafka_bus.hpp"
#include "bus_memory/memory_bus.hpp"
#include "database_sqlite/sqlite_store.hpp"
#include "monolith/monolith.hpp"
#include "monolith/table_bus.hpp"

#include <fmt/format.h>

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
  Task<> update_metrics() override { co_return; }

  std::string announcement() const override {
    if (config_.bus == "kafka") return "bus        kafka at " + config_.brokers + config_.origins_of({"brokers"});
    return "bus        memory: nothing is kept after this process ends";
  }

 private:
  const Config& config_;
  std::unique_ptr<EventBus> bus_;
};

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
  Task<> update_metrics() override { return metrics_.update(); }

  std::string announcement() const override {
    return fmt::format(
        "database   {}: what is acknowledged survives {}", config_.database_file(),
        config_.durability == "power" ? "a loss of power" : "kill -9 (--durability=power: loss of power, too)");
  }

 private:
  const Config& config_;
  Clock& clock_;
  std::unique_ptr<database::Store> store_;
  std::unique_ptr<EventBus> control_bus_;
  std::unique_ptr<EventBus> bus_;
  StoreMetrics metrics_;
};

}  // namespace

std::unique_ptr<Architecture> make_architecture(const ArchitectureParts& parts) {
  if (parts.config.architecture == "monolith") return std::make_unique<Monolith>(parts);
  return std::make_unique<Events>(parts);
}

}  // namespace foodorder::app
