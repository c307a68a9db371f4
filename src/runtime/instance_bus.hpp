#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <memory>
#include <optional>
#include <string>

namespace prometheus {
class Registry;
}

namespace foodorder {

class Faults;
struct InstanceWatch;

/// The bus as an instance of a module sees it: the same bus, and its owner can ask what stands in the instance's way.
/// Batches that a member reads meet its faults. Joins, rebalances, and records that a topic refuses go to the log,
/// whatever the module does about them.
class InstanceBus final : public EventBus {
 public:
  /// The bus, the clock and the registry outlive this.
  /// `faults`: of reading as a member.
  InstanceBus(EventBus& bus, Clock& clock, prometheus::Registry& metrics, std::string instance,
              std::shared_ptr<Faults> faults);
  ~InstanceBus() override;

  /// Why the instance cannot do its work, in words: a group that it cannot join, a topic that it may not write to.
  [[nodiscard]] std::optional<std::string> instance_trouble() const;

  [[nodiscard]] std::string_view name() const override { return bus_.name(); }
  [[nodiscard]] Features features() const override { return bus_.features(); }
  [[nodiscard]] std::optional<std::string> trouble() const override { return bus_.trouble(); }
  Task<Result<std::string>> log_id(std::vector<std::string> topics) override { return bus_.log_id(std::move(topics)); }
  std::unique_ptr<Producer> producer(ProducerSpec spec) override;
  std::unique_ptr<Consumer> subscribe(ConsumerSpec spec) override;
  Admin& admin() override { return bus_.admin(); }

 private:
  EventBus& bus_;
  std::shared_ptr<InstanceWatch> watch_;  ///< its producers and consumers have it, too
};

}  // namespace foodorder
