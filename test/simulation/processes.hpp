#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/runtime/module.hpp"
#include "plan.hpp"

#include <algorithm>
#include <memory>
#include <vector>

// Programs that work on databases which outlive them.

namespace foodorder::simulation {

/// The clock of a process: one that begins later may be behind the others'.
class ProcessClock final : public Clock {
 public:
  ProcessClock(Clock& clock, Duration behind) : clock_(clock), behind_(behind) {}

  Timestamp now() const override { return clock_.now() - behind_; }
  TimerId call_at(Timestamp when, std::function<void()> callback) override {
    return clock_.call_at(when + behind_, std::move(callback));
  }
  void cancel(TimerId timer) override { clock_.cancel(timer); }

 private:
  Clock& clock_;
  const Duration behind_;
};

/// With the settings of the plan as their defaults.
inline std::vector<ModuleKind> configured(std::vector<ModuleKind> kinds, const Plan& plan) {
  for (ModuleKind& kind : kinds)
    for (SettingSpec& spec : kind.settings) {
      const auto settings = plan.settings.find(kind.name);
      if (settings == plan.settings.end()) continue;
      const auto found = settings->second.find(spec.name);
      if (found != settings->second.end()) spec.default_value = found->second;
    }
  return kinds;
}

/// Processes, by their numbers. One that was killed stays: a client may still wait for a stream of it.
template <class Process>
class Processes {
 public:
  /// In place of the one with that number that was killed.
  void begin(int number, std::unique_ptr<Process> process) {
    const auto place = static_cast<std::size_t>(number);
    if (alive_.size() <= place) alive_.resize(place + 1);
    if (alive_[place]) killed_.push_back(std::move(alive_[place]));
    alive_[place] = std::move(process);
  }

  [[nodiscard]] Process& at(int number) const { return *alive_.at(static_cast<std::size_t>(number)); }

  /// The kinds of all. A module is made of what its process has, which its bus tells.
  [[nodiscard]] std::vector<ModuleKind> kinds() const {
    std::vector<ModuleKind> kinds = at(0).kinds;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind)
      kinds[kind].make = [this, kind](ModuleContext context) {
        const auto process = std::find_if(alive_.begin(), alive_.end(),
                                          [&](const auto& candidate) { return &candidate->bus() == &context.bus; });
        return (*process)->kinds[kind].make(std::move(context));
      };
    return kinds;
  }

 private:
  std::vector<std::unique_ptr<Process>> alive_;
  std::vector<std::unique_ptr<Process>> killed_;
};

}  // namespace foodorder::simulation
