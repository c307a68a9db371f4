#include "world.hpp"

#include "analytics/module.hpp"
#include "audit/module.hpp"
#include "clients.hpp"
#include "foodorder/base/concat.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "fraud/module.hpp"
#include "log_platform.hpp"
#include "notification/module.hpp"
#include "order/module.hpp"
#include "rest_platform.hpp"
#include "table_platform.hpp"

#include <prometheus/registry.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>

namespace foodorder::simulation {

namespace {

using namespace std::chrono_literals;

constexpr Duration session_timeout = 10s;
constexpr Duration settle_max = 180s;
constexpr Duration stop_max = 5s;
constexpr Duration fraud_grace = 50ms;
constexpr std::uint64_t steps_max = 200'000;  // a large world takes 20,000

prometheus::Registry& metrics() {
  static prometheus::Registry registry;
  return registry;
}

template <class T>
T setting(const Plan& plan, const std::string& kind, const std::string& name, T otherwise) {
  const auto settings = plan.settings.find(kind);
  if (settings == plan.settings.end()) return otherwise;
  const auto found = settings->second.find(name);
  return found == settings->second.end() ? otherwise : std::get<T>(found->second);
}

verify::Terms terms_of(const Plan& plan, Architecture architecture) {
  verify::Terms terms;
  terms.fail_mode = setting(plan, "notification", "failMode", terms.fail_mode);
  terms.velocity_limit = setting(plan, "fraud", "velocityLimit", terms.velocity_limit);
  terms.burst_limit = setting(plan, "fraud", "burstLimit", terms.burst_limit);
  terms.fraud_window = std::chrono::milliseconds(setting(plan, "fraud", "windowMs", std::int64_t{60'000}));
  terms.block_on = setting(plan, "fraud", "blockOn", terms.block_on);
  terms.job_queue = plan.processes > 0;
  terms.calls = architecture == Architecture::rest;
  terms.outbox = plan.outbox;
  terms.accept_unchecked = plan.accept_unchecked;
  return terms;
}

}  // namespace

std::optional<Architecture> architecture_of(std::string_view name) {
  if (name == "events") return Architecture::events;
  if (name == "monolith") return Architecture::monolith;
  return name == "rest" ? std::optional(Architecture::rest) : std::nullopt;
}

std::vector<ModuleKind> product_modules() {
  return {order_kind(), notification_kind(), fraud_kind(), analytics_kind(), audit_kind()};
}

World::World(const Make& make, Plan plan, bool traced)
    : plan_(std::move(plan)),
      make_(make),
      scheduler_(plan_.seed + 1),
      trace_(clock_, traced),
      random_(plan_.seed + 2),
      ids_(make_seeded_ids(plan_.seed)),
      verifier_(terms_of(plan_, make_.architecture)) {
  const TablePlatformParts parts{make_, plan_, clock_, trace_, scheduler_, bus_actor_, own_actor_, verifier_};
  if (make_.architecture == Architecture::monolith) {
    platform_ = make_table_platform(parts);
  } else if (make_.architecture == Architecture::rest) {
    platform_ = make_rest_platform(parts);
  } else {
    const auto committed = [this](const std::string& group, const std::vector<Position>& next) {
      pull();
      for (const Position& position : next) verifier_.committed(group, position);
    };
    platform_ = make_log_platform({make_, plan_, clock_, trace_, scheduler_, bus_actor_, own_actor_, committed});
  }
  add_instances();
  clients_ = std::make_unique<Clients>(*this, scheduler_.executor(scheduler_.add()), plan_.seed + 4);
}

World::~World() {
  clients_.reset();
  instances_.clear();
}

// ------------------------------------------------------------------------------------------------ instances

void World::add_instances() {
  for (const Plan::Part& part : plan_.parts) {
    for (const ModuleKind& kind : platform_->kinds())
      if (kind.name == part.kind)
        instances_.push_back(
            std::make_unique<Instance>(scheduler_, kind, fmt::format("{}-{}", kind.name, part.number), part.process));
    Instance& instance = *instances_.back();
    if (part.from == Duration::zero())
      start(instance);
    else
      come_back(instance, part.from);
  }
}

ModuleContext World::context_of(const Instance& instance) {
  return {instance.id(),
          platform_->bus(instance.process()),
          platform_->clock(instance.process()),
          *ids_,
          metrics(),
          settings_of(instance.kind()),
          plan_.seed,
          session_timeout};
}

Settings World::settings_of(const std::string& kind_name) {
  const auto kind = std::find_if(platform_->kinds().begin(), platform_->kinds().end(),
                                 [&](const ModuleKind& candidate) { return candidate.name == kind_name; });
  Settings settings(kind->settings);
  for (const auto& [name, value] : plan_.settings[kind_name]) settings.set(name, value).value();
  return settings;
}

void World::start(Instance& instance) {
  trace_(instance.id(), "starts");
  instance.start(context_of(instance));
}

void World::come_back(Instance& instance, Duration after) {
  clock_.call_at(clock_.now() + after, [this, &instance] {
    if (!instance.alive() && disturbing_) start(instance);  // healing has started all
  });
}

Instance* World::order_service(Random& random) const {
  std::vector<Instance*> services;
  for (const auto& instance : instances_)
    if (instance->kind() == "order" && instance->alive() && !instance->stopping()) services.push_back(instance.get());
  return services.empty() ? nullptr : services[random.below(services.size())];
}

// ------------------------------------------------------------------------------------------------- the log

void World::pull() {
  if (pulled_writes_ == platform_->writes()) return;
  for (const ConsumerRecord& record : platform_->read_on()) {
    tell(record);
    verifier_.record(record);
  }
}

void World::tell(const ConsumerRecord& record) {
  const Record& content = *record.record;
  if (record.position.tp.topic == topics::orders && !is_retry(content) &&
      clock_.now() - event_time(content) >= fraud_grace) {
    verifier_.fraud_not_exact();
    fraud_exact_ = false;
  }
  if (!trace_.wanted()) return;
  trace_("log", "{}-{}@{} {} {}", record.position.tp.topic, record.position.tp.partition, record.position.offset,
         is_retry(content) ? fmt::format("retry {}", retry_count(content)) : std::string(),
         content.value() ? std::string(*content.value()) : concat("tombstone of ", content.key().value_or("?")));
}

// ------------------------------------------------------------------------------------------------ its course

bool World::turn(Timestamp until) {
  if (scheduler_.steps() > steps_max) return false;
  if (disturbing_) disturb();
  crash_doomed();
  if (scheduler_.step()) return true;
  destroy_ended();
  pull();
  pulled_writes_ = platform_->writes();
  const auto due = clock_.next_due();
  if (!due || *due > until) return false;
  clock_.fire_next();
  return true;
}

void World::run_until(Timestamp when) {
  while (turn(when)) {
  }
  clock_.advance(when - clock_.now());
}

Outcome World::run() {
  clients_->start();
  disturbing_ = true;
  platform_->set_faulty(true);
  run_until(clock_.now() + plan_.span);
  heal();
  const bool came_to_rest = settle();
  if (!came_to_rest)
    verifier_.add("settles", "there is work left long after all faults were healed: " + unsettled().value_or("late"));
  check_end(came_to_rest);
  stop_all();
  Outcome outcome;
  outcome.violations = verifier_.violations();
  for (const verify::Violation& violation : outcome.violations)
    trace_("VIOLATION", "{}: {}", violation.rule, violation.what);
  trace_("simulator", "{} steps, fingerprint {:016x}", scheduler_.steps(), scheduler_.fingerprint());
  outcome.trace = trace_.text();
  outcome.fingerprint = scheduler_.fingerprint();
  outcome.steps = scheduler_.steps();
  outcome.crashes = crashes_;
  outcome.events = verifier_.events();
  outcome.records = verifier_.records();
  return outcome;
}

void World::heal() {
  trace_("simulator", "all faults are healed");
  disturbing_ = false;
  platform_->set_faulty(false);
  for (const auto& instance : instances_) {
    instance->hold(false);
    if (instance->alive() && instance->paused()) instance->pause(false);
    if (!instance->alive()) start(*instance);
  }
}

bool World::settle() {
  const Timestamp until = clock_.now() + settle_max;
  const bool delays = plan_.faults.delay_delivery + plan_.faults.delay_acknowledgement > 0;
  run_until(clock_.now() + (delays ? plan_.faults.delay_max : 0s));  // what had begun
  while (clock_.now() < until && scheduler_.steps() < steps_max) {
    run_until(clock_.now() + (plan_.readers > 0 ? 2s : 500ms));
    for (const auto& instance : instances_)
      if (!instance->alive()) start(*instance);  // it was leaving when all was healed
    if (unsettled()) continue;
    if (plan_.readers > 0) run_until(clock_.now() + 1s);  // one that was cut off just now comes back and reads on
    if (platform_->report_age() > 0s) run_until(clock_.now() + platform_->report_age());
    return true;
  }
  return false;
}

/// What is left to be done, if anything is.
std::optional<std::string> World::unsettled() {
  if (!clients_->done()) return "clients wait for answers";
  for (const auto& instance : instances_) {
    if (!instance->alive() || !instance->module()->ready()) return instance->id() + " is not ready";
    if (instance->kind() == "order" && instance->stopping()) return instance->id() + " is leaving";
  }
  return platform_->unsettled();
}

void World::check_end(bool came_to_rest) {
  verifier_.finish(came_to_rest);
  if (!came_to_rest) return;
  verifier_.check_streams();
  platform_->check_end(verifier_);
  for (const auto& instance : instances_) {
    if (instance->kind() == "analytics") verifier_.check_statistics(instance->module()->report());
    if (instance->kind() == "fraud" && make_.architecture == Architecture::events) compare_replay(*instance);
    if (instance->kind() != "order") continue;
    auto exchange = std::make_shared<Exchange>(http::Method::get, "/api/orders", "", Fields());
    Exchange::Answer answer;
    asio::co_spawn(scheduler_.executor(own_actor_), instance->ask(exchange),
                   [&](std::exception_ptr, Exchange::Answer given) { answer = std::move(given); });
    while (!answer && scheduler_.step()) {
    }
    if (answer)
      verifier_.check_orders(answer->body);
    else
      verifier_.add("answers", instance->id() + " does not answer GET /api/orders");
  }
}

/// What the module itself finds when it judges all again.
void World::compare_replay(Instance& instance) {
  bool answered = false;
  std::shared_ptr<json::object> summary;
  instance.replay([&](std::shared_ptr<json::object> given) {
    answered = true;
    summary = std::move(given);
  });
  while (!answered && turn(clock_.now() + 1s)) {
  }
  if (!summary)
    verifier_.add("replay", instance.id() + " could not replay the log");
  else if (fraud_exact_ && summary->at("differenceCount") != 0)
    verifier_.add("replay", fmt::format("{}: {}", instance.id(), json::serialize(*summary)));
}

void World::stop_all() {
  trace_("simulator", "all are asked to stop");
  over_ = true;
  for (const auto& instance : instances_)
    if (instance->alive() && !instance->stopping()) instance->stop();
  run_until(clock_.now() + stop_max);
  for (const auto& instance : instances_)
    if (instance->alive()) verifier_.add("stops", instance->id() + " has not stopped within 5 s");
}

Outcome simulate(const Make& make, std::uint64_t seed, bool traced) {
  const bool is_rest = make.architecture == Architecture::rest;
  const bool is_monolith = make.architecture == Architecture::monolith;
  Plan plan = is_rest ? rest_plan_for(seed) : is_monolith ? monolith_plan_for(seed) : plan_for(seed);
  if (make.change_plan) make.change_plan(plan);
  return World(make, std::move(plan), traced).run();
}

}  // namespace foodorder::simulation
