#include "instance.hpp"

#include "failure.hpp"
#include "foodorder/base/log.hpp"
#include "foodorder/http/problems.hpp"
#include "instance_bus.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

namespace foodorder {

namespace {

// A write waits 3 s at most for its outcome.
constexpr Duration finish_calls_max = std::chrono::milliseconds(3500);
constexpr Duration restart_delay_min = std::chrono::seconds(1);
constexpr Duration restart_delay_max = std::chrono::seconds(30);
// An instance that ran this long before it failed starts again after the shortest delay.
constexpr Duration restart_forgiven = std::chrono::minutes(1);

http::Response not_running(std::string_view instance, InstanceState state) {
  return http::unavailable("module-not-running",
                           fmt::format("{} is {}; start it and try again", instance, to_string(state)));
}

http::Response failed_by_setting(std::string_view instance) {
  return http::unavailable("injected-fault", fmt::format("{} fails, because its faultRate asks for it", instance));
}

http::Response crashed_under_request(std::string_view instance) {
  return http::unavailable("outcome-unknown",
                           fmt::format("{} crashed while it handled this request; what it had sent may still appear, "
                                       "once. Ask again, a write with its Idempotency-Key",
                                       instance));
}

}  // namespace

/// What one life of an instance consists of.
struct Supervisor::Instance::Life {
  /// Callers that wait for tasks in the domain.
  using Callers = std::list<Waiter<Wake>>;

  Life(Executor inner, const Parts& parts, const std::string& name, std::shared_ptr<Faults> faults)
      : bus(parts.bus, parts.clock, parts.metrics, name, std::move(faults)), domain(std::move(inner), name) {}

  void leave(Callers& callers, Callers::iterator caller) {
    caller->complete(Wake{});
    callers.erase(caller);
    if (calls.empty()) idle.notify_all();
  }

  /// The domain has crashed, and its completion handlers are gone: wakes the callers that wait.
  void wake_callers() {
    for (Callers* callers : {&calls, &replays})
      for (const Waiter<Wake>& caller : std::exchange(*callers, {})) caller.complete(Wake{});
    idle.notify_all();
  }

  InstanceBus bus;
  FaultDomain domain;
  std::unique_ptr<Module> module;
  Callers calls;
  Callers replays;
  Condition idle;  ///< the last call has ended
};

/// What came of a task of the module: a result, or its failure, or neither where the instance ended first.
template <class T>
struct Supervisor::Instance::Outcome {
  std::optional<T> result;
  std::exception_ptr failure;
};

template <class T>
Task<std::shared_ptr<Supervisor::Instance::Outcome<T>>> Supervisor::Instance::run_in_domain(
    std::list<Waiter<Wake>>& callers, Task<T> task, std::shared_ptr<const void> owner) {
  const std::shared_ptr<Life> life = life_;
  const auto outcome = std::make_shared<Outcome<T>>();
  co_await park<Wake>([&](Waiter<Wake> waiter) {
    const auto caller = callers.insert(callers.end(), std::move(waiter));
    asio::co_spawn(
        life->domain.get_executor(), std::move(task),
        [weak = std::weak_ptr<Life>(life), &callers, caller, outcome, owner](std::exception_ptr failure, T result) {
          const auto living = weak.lock();
          if (!living) return;
          outcome->failure = failure;
          if (!failure) outcome->result = std::move(result);
          living->leave(callers, caller);
        });
  });
  co_return outcome;
}

Supervisor::Instance::Instance(Supervisor& owner, const ModuleKind& kind, std::string id, Settings settings)
    : owner_(owner),
      kind_(kind),
      id_(std::move(id)),
      settings_(std::move(settings)),
      faults_(std::make_shared<Faults>(id_, owner.parts_.seed)),
      restart_delay_(restart_delay_min),
      since_(owner.parts_.clock.now()) {
  faults_->configure(settings_);
}

Supervisor::Instance::~Instance() {
  owner_.parts_.clock.cancel(restart_timer_);
  if (life_) life_->domain.crash();
}

void Supervisor::Instance::make_life() {
  const Parts& parts = owner_.parts_;
  life_ = std::make_shared<Life>(owner_.executor_, parts, id_, faults_);
  life_->module = kind_.make(ModuleContext{id_, life_->bus, parts.clock, parts.ids, parts.metrics, settings_,
                                           parts.seed, parts.session_timeout, parts.topics});
}

InstanceStatus Supervisor::Instance::status() {
  bool ready = false;
  json::object report;
  const auto ask = [&] {
    ready = life_->module->ready();
    report = life_->module->report();
  };
  if (alive() && !guarded(ask)) ready = false;
  InstanceStatus status;
  status.instance = id_;
  status.kind = kind_.name;
  status.state = state_ == InstanceState::starting && ready ? InstanceState::running : state_;
  status.ready = ready;
  status.settings = settings_;
  status.report = std::move(report);
  status.error = error_;
  if (alive() && status.error.empty()) status.error = life_->bus.instance_trouble().value_or("");
  status.restarts = restarts_;
  status.since = since_;
  status.session_timeout = owner_.parts_.session_timeout;
  return status;
}

bool Supervisor::Instance::guarded(const std::function<void()>& call) {
  const std::exception_ptr failure = failure_of(call);
  if (failure) fail(failure);
  return !failure;
}

Error Supervisor::Instance::failed() const {
  return Error(Errc::unavailable, fmt::format("{} failed: {}", id_, error_));
}

bool Supervisor::Instance::alive() const noexcept {
  return state_ == InstanceState::starting || state_ == InstanceState::running || state_ == InstanceState::paused ||
         state_ == InstanceState::stopping;
}

bool Supervisor::Instance::serving() const noexcept { return alive() && state_ != InstanceState::stopping; }

Result<void> Supervisor::Instance::start() {
  if (state_ == InstanceState::stopping)
    return Error(Errc::invalid_argument, fmt::format("{} is stopping; start it once it has stopped", id_));
  if (alive()) return {};
  owner_.parts_.clock.cancel(std::exchange(restart_timer_, 0));
  error_.clear();
  started_ = owner_.parts_.clock.now();
  if (!guarded([this] { begin(); })) return failed();
  set_state(InstanceState::starting);
  return {};
}

void Supervisor::Instance::begin() {
  make_life();
  // The completion handler runs inside the fault domain; what it decides runs outside.
  const auto completed = [this, life = std::weak_ptr<Life>(life_)](std::exception_ptr failure) {
    asio::post(owner_.executor_, [this, life, failure] {
      const auto ended_life = life.lock();
      if (ended_life && ended_life == life_) ended(failure);
    });
  };
  asio::co_spawn(life_->domain.get_executor(), life_->module->run(), completed);
}

void Supervisor::Instance::crash() {
  owner_.parts_.clock.cancel(std::exchange(restart_timer_, 0));
  if (alive())
    tear_down();
  else if (state_ != InstanceState::failed)
    return;
  set_state(InstanceState::crashed);
}

Result<void> Supervisor::Instance::pause(bool paused) {
  const bool is_paused = state_ == InstanceState::paused;
  if (paused == is_paused) return {};
  if (!serving())
    return Error(Errc::invalid_argument,
                 fmt::format("{} is {}; only a running instance can be paused", id_, to_string(state_)));
  if (!guarded([&] { life_->module->pause(paused); })) return failed();
  set_state(paused ? InstanceState::paused : InstanceState::running);
  return {};
}

Result<void> Supervisor::Instance::configure(const std::map<std::string, SettingValue>& changes) {
  Settings changed = settings_;
  for (const auto& [name, value] : changes)
    if (const auto set = changed.set(name, value); !set) return set.error();
  settings_ = std::move(changed);
  faults_->configure(settings_);
  if (alive() && !guarded([this] { life_->module->configure(settings_); })) return failed();
  return {};
}

Task<> Supervisor::Instance::stop() {
  if (state_ == InstanceState::failed) {
    owner_.parts_.clock.cancel(std::exchange(restart_timer_, 0));
    set_state(InstanceState::stopped);
  }
  if (!alive()) co_return;
  const std::shared_ptr<Life> life = life_;
  if (state_ != InstanceState::stopping) {
    set_state(InstanceState::stopping);
    co_await finish_calls();
    if (life == life_) guarded([&] { life->module->stop(); });
  }
  // This life may have ended meanwhile, and the next one have begun.
  if (life == life_) co_await ended_.wait();
}

/// Waits until the requests at hand are answered, for a time.
Task<> Supervisor::Instance::finish_calls() {
  const std::shared_ptr<Life> life = life_;
  if (life->calls.empty()) co_return;
  Clock& clock = owner_.parts_.clock;
  co_await life->idle.wait_until(clock, clock.now() + finish_calls_max);
}

Task<Result<json::object>> Supervisor::Instance::replay() {
  if (!serving())
    co_return Error(Errc::invalid_argument, fmt::format("{} is {}; start it first", id_, to_string(state_)));
  std::optional<Task<Result<json::object>>> replay;
  if (!guarded([&] { replay.emplace(life_->module->replay()); })) co_return failed();
  std::shared_ptr<const void> none;
  const auto outcome = co_await run_in_domain(life_->replays, std::move(*replay), std::move(none));
  if (outcome->failure) co_return Error(Errc::unavailable, "the replay failed: " + what_failed(outcome->failure));
  if (!outcome->result) co_return Error(Errc::closed, fmt::format("{} ended before the replay was done", id_));
  co_return std::move(*outcome->result);
}

void Supervisor::Instance::ended(const std::exception_ptr& failure) {
  if (failure) return fail(failure);
  tear_down();
  set_state(InstanceState::stopped);
}

void Supervisor::Instance::fail(const std::exception_ptr& failure) {
  const bool was_asked_to_stop = state_ == InstanceState::stopping;
  if (life_) tear_down();
  error_ = what_failed(failure);
  log::error("{} failed: {}", id_, error_);
  set_state(was_asked_to_stop ? InstanceState::stopped : InstanceState::failed);
  if (state_ == InstanceState::failed) schedule_restart();
}

void Supervisor::Instance::tear_down() {
  const std::shared_ptr<Life> life = std::exchange(life_, nullptr);
  life->domain.crash();
  life->wake_callers();
  // Handlers that are still queued for the domain refer to the module. They are dropped before this one runs.
  asio::post(owner_.executor_, [life] {});
}

void Supervisor::Instance::schedule_restart() {
  Clock& clock = owner_.parts_.clock;
  if (clock.now() - started_ >= restart_forgiven) restart_delay_ = restart_delay_min;
  restart_timer_ = clock.call_at(clock.now() + restart_delay_, [this] {
    restart_timer_ = 0;
    ++restarts_;
    (void)start();
  });
  restart_delay_ = std::min(restart_delay_ * 2, restart_delay_max);
}

void Supervisor::Instance::set_state(InstanceState state) {
  if (state != state_) log::info("instance", {{"instance", id_}, {"state", to_string(state)}});
  state_ = state;
  since_ = owner_.parts_.clock.now();
  if (!alive()) ended_.notify_all();
  if (owner_.changed_) owner_.changed_(id_);
}

Task<http::Response> Supervisor::Instance::call(const ModuleRoute::Handler& handler, http::Request& request) {
  std::shared_ptr<const void> owner = request.owner.lock();
  const bool fails_itself = life_ && life_->module->fails_itself();
  const Duration delay = fails_itself ? Duration::zero() : faults_->delay();
  if (delay > Duration::zero()) co_await sleep_for(owner_.parts_.clock, delay);
  if (!serving()) co_return not_running(id_, state_);
  if (!fails_itself && faults_->fails()) co_return failed_by_setting(id_);
  const auto outcome = co_await run_in_domain(life_->calls, handler(*life_->module, request), std::move(owner));
  if (outcome->failure) {
    log::error("a request failed: {}", what_failed(outcome->failure));
    co_return http::problem(500, "the request could not be handled");
  }
  if (!outcome->result) co_return crashed_under_request(id_);
  co_return std::move(*outcome->result);
}

}  // namespace foodorder
