#include "world.hpp"

#include "analytics/module.hpp"
#include "audit/module.hpp"
#include "clients.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "foodorder/runtime/topics.hpp"
#include "fraud/module.hpp"
#include "notification/module.hpp"
#include "order/module.hpp"

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

std::unique_ptr<EventBus> new_log(Executor executor, Clock& clock) {
  MemoryBusOptions options;
  options.log_id = "log";
  return make_memory_bus(std::move(executor), clock, std::move(options));
}

/// What has come behind these next offsets, which it moves on.
Task<std::vector<ConsumerRecord>> read_on(Admin& admin, std::vector<Position>& next) {
  std::vector<ConsumerRecord> records;
  for (Position& from : next) {
    const Result<ReadPage> page = co_await admin.read(from.tp, from.offset, ReadLimits());
    from.offset = page.value().next_offset;
    records.insert(records.end(), page->records.begin(), page->records.end());
  }
  co_return records;
}

template <class T>
T setting(const Plan& plan, const std::string& kind, const std::string& name, T otherwise) {
  const auto settings = plan.settings.find(kind);
  if (settings == plan.settings.end()) return otherwise;
  const auto found = settings->second.find(name);
  return found == settings->second.end() ? otherwise : std::get<T>(found->second);
}

verify::Terms terms_of(const Plan& plan) {
  verify::Terms terms;
  terms.fail_mode = setting(plan, "notification", "failMode", terms.fail_mode);
  terms.velocity_limit = setting(plan, "fraud", "velocityLimit", terms.velocity_limit);
  terms.burst_limit = setting(plan, "fraud", "burstLimit", terms.burst_limit);
  terms.fraud_window = std::chrono::milliseconds(setting(plan, "fraud", "windowMs", std::int64_t{60'000}));
  return terms;
}

}  // namespace

std::vector<ModuleKind> product_modules() {
  return {order_kind(), notification_kind(), fraud_kind(), analytics_kind(), audit_kind()};
}

World::World(const Make& make, Plan plan, bool traced)
    : plan_(std::move(plan)),
      make_(make),
      scheduler_(plan_.seed + 1),
      trace_(clock_, traced),
      random_(plan_.seed + 2),
      faults_(clock_, trace_, plan_.seed + 3),
      ids_(make_seeded_ids(plan_.seed)),
      log_(new_log(scheduler_.executor(bus_actor_), clock_)),
      bus_(make_fault_bus(*log_, faults_)),
      verifier_(terms_of(plan_)) {
  if (make_.wrap_bus) bus_ = make_.wrap_bus(std::move(bus_), scheduler_.executor(bus_actor_));
  std::vector<TopicSpec> catalogue = topics::catalogue();
  std::erase_if(catalogue, [](const TopicSpec& topic) { return topic.name.starts_with("module-"); });  // not of modules
  result_of(log_->admin().ensure_topics(catalogue)).value();
  foreign_ = log_->producer(ProducerSpec("foreign"));
  for (const TopicSpec& topic : catalogue)
    for (std::int32_t partition = 0; partition < topic.partitions; ++partition)
      pulled_.emplace_back(TopicPartition(topic.name, partition), 0);
  faults_.committed = [this](const std::string&, const std::string& group, const std::vector<Position>& next) {
    pull();
    for (const Position& position : next) verifier_.committed(group, position);
  };
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
    for (const ModuleKind& kind : make_.kinds)
      if (kind.name == part.kind)
        instances_.push_back(
            std::make_unique<Instance>(scheduler_, kind, fmt::format("{}-{}", kind.name, part.number)));
    Instance& instance = *instances_.back();
    if (part.from == Duration::zero())
      start(instance);
    else
      come_back(instance, part.from);
  }
}

ModuleContext World::context_of(const Instance& instance) {
  return {instance.id(), *bus_, clock_, *ids_, metrics(), settings_of(instance.kind()), plan_.seed, session_timeout};
}

Settings World::settings_of(const std::string& kind_name) {
  const auto kind = std::find_if(make_.kinds.begin(), make_.kinds.end(),
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

template <class T>
T World::result_of(Task<T> task) {
  std::optional<T> result;
  asio::co_spawn(scheduler_.executor(own_actor_), std::move(task), [&](std::exception_ptr failure, T value) {
    if (failure) std::rethrow_exception(failure);
    result.emplace(std::move(value));
  });
  scheduler_.run_only(own_actor_);  // the memory bus answers such questions at once
  return std::move(result.value());
}

void World::produce(ProducerRecord record) {
  ++faults_.sends;
  asio::co_spawn(scheduler_.executor(own_actor_), foreign_->send(std::move(record)),
                 [](std::exception_ptr, const Result<Position>&) {});
}

void World::pull() {
  if (pulled_sends_ == faults_.sends) return;
  for (const ConsumerRecord& record : result_of(read_on(log_->admin(), pulled_))) {
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
         content.value.value_or("tombstone of " + content.key.value_or("?")));
}

// ------------------------------------------------------------------------------------------------ its course

bool World::turn(Timestamp until) {
  if (scheduler_.steps() > steps_max) return false;
  if (disturbing_) disturb();
  if (scheduler_.step()) return true;
  destroy_ended();
  pull();
  pulled_sends_ = faults_.sends;
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
  faults_.faults = plan_.faults;
  run_until(clock_.now() + plan_.span);
  heal();
  const bool came_to_rest = settle();
  if (!came_to_rest) verifier_.add("settles", "there is work left long after all faults were healed");
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
  faults_.faults = Faults();
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
    if (!settled()) continue;
    if (plan_.readers > 0) run_until(clock_.now() + 1s);  // one that was cut off just now comes back and reads on
    return true;
  }
  return false;
}

bool World::settled() {
  if (!clients_->done()) return false;
  for (const auto& instance : instances_)
    if (!instance->alive() || !instance->module()->ready()) return false;
  const auto groups = result_of(log_->admin().groups()).value();
  for (const GroupDescription& group : groups) {
    if (group.state != "Stable") return false;
    for (const GroupPartition& partition : group.partitions)
      if (partition.lag > 0) return false;
  }
  return true;
}

void World::check_end(bool came_to_rest) {
  verifier_.finish(came_to_rest);
  if (!came_to_rest) return;
  verifier_.check_streams();
  for (const auto& instance : instances_) {
    if (instance->kind() == "analytics") verifier_.check_statistics(instance->module()->report());
    if (instance->kind() == "fraud") compare_replay(*instance);
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
  Plan plan = plan_for(seed);
  if (make.change_plan) make.change_plan(plan);
  return World(make, std::move(plan), traced).run();
}

}  // namespace foodorder::simulation
