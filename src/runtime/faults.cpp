#include "faults.hpp"

#include "foodorder/base/ids.hpp"

#include <fmt/format.h>

namespace foodorder {

namespace {

constexpr std::int64_t delay_max_ms = 10'000;
constexpr Duration again_delay = std::chrono::milliseconds(200);
constexpr int failures_max = 10;  // in a row: a group waits for its members at a rebalance

}  // namespace

std::vector<SettingSpec> fault_settings() {
  std::vector<SettingSpec> specs;
  specs.push_back(SettingSpec::integer("faultDelayMs", 0, 0, delay_max_ms,
                                       "a fault: how much longer each request and each batch of records takes"));
  specs.push_back(
      SettingSpec::number("faultRate", 0, 0, 1, "a fault: how many requests get a 503, and batches are begun again"));
  return specs;
}

std::vector<ModuleKind> with_faults(std::vector<ModuleKind> kinds) {
  for (ModuleKind& kind : kinds)
    for (SettingSpec& spec : fault_settings()) kind.settings.push_back(std::move(spec));
  return kinds;
}

void Faults::configure(const Settings& settings) {
  const auto has = [&](std::string_view name) { return settings.values().find(name) != settings.values().end(); };
  if (!has("faultDelayMs") || !has("faultRate")) return;
  delay_ = std::chrono::milliseconds(settings.integer("faultDelayMs"));
  rate_ = settings.number("faultRate");
}

bool Faults::fails() {
  if (rate_ <= 0) return false;
  const std::uint64_t hash = stable_hash(fmt::format("{}\n{}", instance_, count_++), seed_);
  return static_cast<double>(hash >> 11) * 0x1.0p-53 < rate_;
}

Task<> Faults::hold(Clock& clock, AsyncEvent& ended) {
  Duration wait = delay_;
  for (int failures = 0; failures < failures_max && fails(); ++failures) wait += again_delay;
  if (wait > Duration::zero()) co_await ended.wait_until(clock, clock.now() + wait);
}

}  // namespace foodorder
