#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/task.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/runtime/module.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace foodorder {

/// `faultDelayMs` and `faultRate`: every kind of module has them, so that the same faults can be switched on in every
/// architecture.
std::vector<SettingSpec> fault_settings();

/// Kinds of modules, with these settings beside their own.
std::vector<ModuleKind> with_faults(std::vector<ModuleKind> kinds);

/// The faults of one instance, as its settings ask for. Which of its work fails is a hash of seed, instance and count.
class Faults {
 public:
  Faults(std::string instance, std::uint64_t seed) : instance_(std::move(instance)), seed_(seed) {}

  /// Of a kind without these settings: no faults.
  void configure(const Settings& settings);

  [[nodiscard]] Duration delay() const noexcept { return delay_; }
  /// Whether the next piece of work fails.
  bool fails();

  /// Of a service that does failed work again: waits for the delay, and a while longer for each failure in a row, ten
  /// at most; or until `ended` is set.
  Task<> hold(Clock& clock, AsyncEvent& ended);

 private:
  std::string instance_;
  std::uint64_t seed_;
  Duration delay_{};
  double rate_ = 0;
  std::uint64_t count_ = 0;
};

}  // namespace foodorder
