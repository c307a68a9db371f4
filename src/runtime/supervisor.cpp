#include "runtime/supervisor.hpp"

#include "failure.hpp"
#include "foodorder/base/join.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/http/problems.hpp"
#include "instance.hpp"

#include <fmt/format.h>
#include <prometheus/registry.h>
#include <algorithm>

namespace foodorder {

namespace {

constexpr std::size_t instances_max = 64;

Error no_such_instance(std::string_view instance) {
  return Error(Errc::not_found, fmt::format("there is no instance {} in this process", instance));
}

http::Response none_here(std::string_view kind, const std::string& why) {
  return http::unavailable("module-not-running",
                           why.empty()
                               ? fmt::format("this process has no {} module; add one, or ask another process", kind)
                               : fmt::format("this process has no {} module yet: {}", kind, why));
}

}  // namespace

std::string_view to_string(InstanceState state) noexcept {
  switch (state) {
    case InstanceState::starting:
      return "starting";
    case InstanceState::running:
      return "running";
    case InstanceState::paused:
      return "paused";
    case InstanceState::stopping:
      return "stopping";
    case InstanceState::stopped:
      return "stopped";
    case InstanceState::crashed:
      return "crashed";
    case InstanceState::failed:
      return "failed";
  }
  return "unknown";
}

Supervisor::Supervisor(Executor executor, Parts parts, std::vector<ModuleKind> kinds)
    : executor_(std::move(executor)), parts_(parts), kinds_(std::move(kinds)) {}

Supervisor::~Supervisor() = default;

const std::vector<ModuleKind>& Supervisor::kinds() const noexcept { return kinds_; }

const ModuleKind* Supervisor::find_kind(std::string_view name) const noexcept {
  const auto found =
      std::find_if(kinds_.begin(), kinds_.end(), [&](const ModuleKind& kind) { return kind.name == name; });
  return found == kinds_.end() ? nullptr : &*found;
}

bool Supervisor::has(std::string_view instance) const { return find(instance) != nullptr; }

Supervisor::Instance* Supervisor::find(std::string_view instance) const {
  const auto found = instances_.find(instance);
  return found == instances_.end() ? nullptr : found->second.get();
}

Result<void> Supervisor::add(std::string_view kind_name, std::string instance, Settings settings) {
  const ModuleKind* kind = find_kind(kind_name);
  if (!kind) return Error(Errc::not_found, fmt::format("there is no module {}", kind_name));
  if (has(instance)) return Error(Errc::invalid_argument, fmt::format("{} is running already", instance));
  if (instances_.size() >= instances_max)
    return Error(Errc::queue_full, fmt::format("a process runs at most {} module instances", instances_max));
  auto added = std::make_unique<Instance>(*this, *kind, instance, std::move(settings));
  instances_.emplace(std::move(instance), std::move(added));
  return {};
}

Result<void> Supervisor::start(std::string_view instance) {
  Instance* found = find(instance);
  if (!found) return no_such_instance(instance);
  return found->start();
}

Result<void> Supervisor::crash(std::string_view instance) {
  Instance* found = find(instance);
  if (!found) return no_such_instance(instance);
  found->crash();
  return {};
}

Result<void> Supervisor::pause(std::string_view instance, bool paused) {
  Instance* found = find(instance);
  if (!found) return no_such_instance(instance);
  return found->pause(paused);
}

Result<void> Supervisor::configure(std::string_view instance, const std::map<std::string, SettingValue>& changes) {
  Instance* found = find(instance);
  if (!found) return no_such_instance(instance);
  return found->configure(changes);
}

Task<Result<void>> Supervisor::stop(std::string_view instance) {
  Instance* found = find(instance);
  if (!found) co_return no_such_instance(instance);
  co_await found->stop();
  co_return Result<void>();
}

Task<Result<json::object>> Supervisor::replay(std::string_view instance) {
  Instance* found = find(instance);
  if (!found) co_return no_such_instance(instance);
  auto summary = co_await found->replay();
  co_return summary;
}

Task<> Supervisor::stop_all() {
  std::vector<Task<>> stops;
  for (const auto& [id, instance] : instances_) stops.push_back(instance->stop());
  co_await join(std::move(stops));
}

std::vector<InstanceStatus> Supervisor::statuses() const {
  std::vector<InstanceStatus> all;
  for (const auto& [id, instance] : instances_) all.push_back(instance->status());
  return all;
}

void Supervisor::on_change(std::function<void(const std::string&)> changed) { changed_ = std::move(changed); }

std::vector<http::Route> Supervisor::routes() {
  std::vector<http::Route> routes;
  for (const ModuleKind& kind : kinds_)
    for (const ModuleRoute& route : kind.routes)
      routes.emplace_back(
          route.method, route.pattern,
          [this, &kind, &route](http::Request& request) { return dispatch(kind, route, request); }, route.access);
  return routes;
}

Task<http::Response> Supervisor::dispatch(const ModuleKind& kind, const ModuleRoute& route, http::Request& request) {
  Instance* chosen = nullptr;
  for (const auto& [id, instance] : instances_) {
    if (&instance->kind() != &kind) continue;
    if (!chosen || (instance->serving() && !chosen->serving())) chosen = instance.get();
  }
  if (!chosen) co_return none_here(kind.name, why_absent_ ? why_absent_() : "");
  http::Response response = co_await chosen->call(route.handler, request);
  co_return response;
}

}  // namespace foodorder
