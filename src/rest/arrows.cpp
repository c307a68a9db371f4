#include "arrows.hpp"

#include "foodorder/base/ids.hpp"
#include "foodorder/base/log.hpp"
#include "messages.hpp"

#include <cmath>

namespace foodorder::rest {

namespace {

/// In front of the order: its customer waits for the verdict.
calls::Policy check_policy() {
  calls::Policy policy;
  policy.total = std::chrono::seconds(1);
  policy.try_timeout = std::chrono::milliseconds(300);
  policy.breaker.slow_after = std::chrono::milliseconds(240);
  return policy;
}

/// Behind the order, which is placed already.
calls::Policy tell_policy() {
  calls::Policy policy;
  policy.total = std::chrono::milliseconds(600);
  policy.try_timeout = std::chrono::milliseconds(250);
  policy.breaker.slow_after = std::chrono::milliseconds(200);
  return policy;
}

TrackedArrow make_arrow(const Arrows::MakeClient& make_client, Clock& clock, std::uint64_t seed, std::string_view name,
                        std::string_view path) {
  calls::Arrow arrow;
  arrow.name = name;
  arrow.from = name.substr(0, name.find('-'));
  const std::string_view behind = name.substr(arrow.from.size() + 1);
  arrow.to = behind.substr(0, behind.find('-'));
  arrow.path = path;
  const bool is_check = path == "/check";
  arrow.fits = is_check ? is_verdict : is_receipt;
  auto client = make_client(arrow.to);
  // Each has pauses and faults of its own.
  auto caller = std::make_unique<calls::Caller>(*client, clock, stable_hash(name, seed), std::move(arrow),
                                                is_check ? check_policy() : tell_policy());
  return TrackedArrow(std::move(client), std::move(caller));
}

json::value millis(std::optional<Duration> time) {
  if (!time) return nullptr;
  return std::round(static_cast<double>(time->count()) / 10) / 100;
}

}  // namespace

Task<bool> TrackedArrow::tell(calls::Call call) {
  const auto answer = co_await caller->call(std::move(call));
  if (answer) co_return true;
  ++gaps;
  log::info("{} left a gap: {}", caller->arrow().name, answer.error().message);
  co_return false;
}

Arrows::Arrows(const MakeClient& make_client, Clock& clock, std::uint64_t seed, std::set<std::string> callers)
    : check(make_arrow(make_client, clock, seed, "order-fraud-check", "/check")),
      notify(make_arrow(make_client, clock, seed, "order-notification-notify", "/notify")),
      audit(make_arrow(make_client, clock, seed, "order-audit-audit", "/audit")),
      fraud_audit(make_arrow(make_client, clock, seed, "fraud-audit-audit", "/audit")),
      notification_audit(make_arrow(make_client, clock, seed, "notification-audit-audit", "/audit")),
      callers_(std::move(callers)) {
  for (TrackedArrow* arrow : all())
    arrow->caller->set_keep(
        [this, &of = arrow->caller->arrow()](calls::CallRecord record) { trees.add(of, std::move(record)); });
}

std::vector<TrackedArrow*> Arrows::all() {
  std::vector<TrackedArrow*> arrows = {&check, &notify, &audit, &fraud_audit, &notification_audit};
  std::erase_if(arrows, [this](const TrackedArrow* arrow) { return !callers_.contains(arrow->caller->arrow().from); });
  return arrows;
}

std::vector<const TrackedArrow*> Arrows::elsewhere() const {
  std::vector<const TrackedArrow*> arrows = {&check, &notify, &audit, &fraud_audit, &notification_audit};
  std::erase_if(arrows, [this](const TrackedArrow* arrow) { return callers_.contains(arrow->caller->arrow().from); });
  return arrows;
}

TrackedArrow* Arrows::find(std::string_view name) {
  for (TrackedArrow* arrow : all())
    if (arrow->caller->arrow().name == name) return arrow;
  return nullptr;
}

json::array calls_json(Arrows& arrows) {
  json::array all;
  for (const TrackedArrow* arrow : arrows.all()) all.push_back(to_json(*arrow));
  return all;
}

json::object names_of(const calls::Arrow& arrow) {
  return {{"arrow", arrow.name}, {"from", arrow.from}, {"to", arrow.to}, {"path", arrow.path}};
}

json::object to_json(const TrackedArrow& arrow) {
  const calls::Caller& caller = *arrow.caller;
  const calls::CallCounts& counts = caller.counts();
  json::object out = names_of(caller.arrow());
  out["calls"] = counts.calls;
  out["tries"] = counts.tries;
  out["errors"] = counts.errors;
  out["retries"] = counts.retries;
  out["refused"] = counts.refused;
  out["refusedBy"] = json::object{{"breaker", counts.refused_by_breaker},
                                  {"bulkhead", counts.refused_by_bulkhead},
                                  {"deadline", counts.refused_by_deadline}};
  out["retriesRefused"] = counts.retries_refused;
  out["gaps"] = arrow.gaps;
  out["inFlight"] = caller.in_flight();
  out["p50Ms"] = millis(caller.quantile(0.5));
  out["p99Ms"] = millis(caller.quantile(0.99));
  out["breaker"] = calls::to_string(caller.breaker());
  out["breakerOpenings"] = caller.breaker_openings();
  if (const auto at = caller.probes_at()) out["probesAt"] = to_iso_millis(*at).view();
  if (caller.breaker() == calls::Breaker::State::half_open) out["probesPassed"] = caller.probes_passed();
  if (!caller.last_error().empty()) out["lastError"] = caller.last_error();
  const calls::Fault& fault = caller.fault();
  out["fault"] = json::object{
      {"refuse", fault.refuse}, {"delayMs", fault.delay / std::chrono::milliseconds(1)}, {"failRate", fault.fail_rate}};
  const calls::Policy& policy = caller.policy();
  out["bounds"] = json::object{{"callMs", policy.total / std::chrono::milliseconds(1)},
                               {"tryMs", policy.try_timeout / std::chrono::milliseconds(1)},
                               {"tries", policy.tries_max},
                               {"probes", policy.breaker.probes}};
  return out;
}

}  // namespace foodorder::rest
