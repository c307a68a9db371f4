// What a World does to its instances while things go wrong.
#include "world.hpp"

namespace foodorder::simulation {

void World::crash(Instance& instance) {
  trace_(instance.id(), "CRASHES");
  ++crashes_;
  instance.crash();
  come_back(instance, Duration(random_.between(1, plan_.away_max.count())));
}

/// As kill -9 of the process that they live in.
void World::kill(int process) {
  trace_("simulator", "process {} is killed", process);
  const Duration away(random_.between(1, plan_.away_max.count()));
  for (const auto& instance : instances_) {
    if (instance->process() != process) continue;
    ++crashes_;
    instance->crash();
    come_back(*instance, away);
  }
  platform_->kill(process);
}

void World::crash_doomed() {
  for (const std::string& id : platform_->doomed())
    for (const auto& instance : instances_)
      if (instance->id() == id && instance->alive()) crash(*instance);
}

void World::leave(Instance& instance) {
  trace_(instance.id(), "is asked to stop");
  instance.stop();
}

/// Settings that say how something is done, not what comes of it.
void World::configure(Instance& instance) {
  Settings settings = settings_of(instance.kind());
  const auto set = [&](const char* name, std::int64_t value) {
    trace_(instance.id(), "is given {}={}", name, value);
    settings.set(name, SettingValue(value)).value();
  };
  if (instance.kind() == "fraud") set("graceMs", random_.between(50, 60));
  if (instance.kind() == "order") set("heartbeatMs", random_.between(100, 1'000));
  if (instance.kind() == "notification") set("unfinishedMax", random_.between(1, 5));
  instance.configure(settings);
}

void World::destroy_ended() {
  for (const auto& instance : instances_) {
    if (!instance->ended() || !instance->alive()) continue;
    trace_(instance->id(), "has ended {}", instance->failure());
    if (!instance->failure().empty() || !instance->stopping())
      verifier_.add("failure", fmt::format("{} has ended by itself: {}", instance->id(), instance->failure()));
    instance->crash();
    if (disturbing_) come_back(*instance, Duration(random_.between(1, plan_.away_max.count())));
  }
}

void World::disturb() {
  const double all = plan_.crash + plan_.hold + plan_.stop + plan_.pause + plan_.configure + plan_.kill + plan_.trouble;
  if (!random_.chance(all)) return;
  Instance& instance = *instances_[random_.below(instances_.size())];
  if (!instance.alive()) return;
  const double what = static_cast<double>(random_.below(1'000'000)) / 1e6 * all;
  if (what < plan_.crash) return crash(instance);
  if (what >= all - plan_.kill) return kill(instance.process());
  if (what >= all - plan_.kill - plan_.trouble)
    return platform_->trouble(Duration(random_.between(1, plan_.away_max.count())));
  if (instance.stopping() || instance.held()) return;
  const Duration until_later = Duration(random_.between(1, plan_.away_max.count()));
  if (what < plan_.crash + plan_.hold) {
    trace_(instance.id(), "is held for {} ms", until_later.count() / 1'000);
    instance.hold(true);
    clock_.call_at(clock_.now() + until_later, [this, &instance] {
      if (instance.held()) trace_(instance.id(), "goes on");
      instance.hold(false);
    });
  } else if (what < plan_.crash + plan_.hold + plan_.stop) {
    leave(instance);
  } else if (what < plan_.crash + plan_.hold + plan_.stop + plan_.configure) {
    configure(instance);
  } else if (!instance.paused()) {
    trace_(instance.id(), "is paused for {} ms", until_later.count() / 1'000);
    instance.pause(true);
    clock_.call_at(clock_.now() + until_later, [&instance] {
      if (instance.alive() && instance.paused()) instance.pause(false);
    });
  }
}

}  // namespace foodorder::simulation
