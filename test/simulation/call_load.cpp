#include "call_load.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace foodorder::simulation {

namespace {

using namespace std::chrono_literals;

constexpr std::string_view path = "/work";

std::int64_t count_since(const std::deque<Timestamp>& times, Timestamp since) {
  return times.end() - std::upper_bound(times.begin(), times.end(), since);
}

std::string answer_to(std::string_view id) { return fmt::format(R"({{"done":"{}"}})", id); }

}  // namespace

CallLoad::CallLoad(const Parts& parts)
    : parts_(parts),
      policy_(parts_.plan.load.policy),
      random_(parts_.plan.seed + 7),
      serves_(parts_.scheduler.add()),
      calls_on_(parts_.scheduler.add()),
      serving_(parts_.scheduler.executor(serves_), "load-service"),
      calling_(std::make_unique<FaultDomain>(parts_.scheduler.executor(calls_on_), "load")) {
  network_ = parts_.network.join([this](std::string_view) { return policy_.breaker; });
  std::vector<http::Route> routes;
  routes.emplace_back(http::Method::post, std::string(path), [this](http::Request& request) { return serve(request); });
  server_ = network_->server(parts_.clock, http::ServerSpec(), std::move(routes));
  asio::co_spawn(serving_.get_executor(), server_->serve(), asio::detached);
  client_ = network_->client(parts_.clock, [port = server_->port()] {
    return std::optional<http::Address>(std::in_place, "127.0.0.1", port);
  });
  calls::Arrow arrow;
  arrow.name = "load";
  arrow.to = "load-service";
  arrow.path = path;
  arrow.fits = [](const http::ClientAnswer& answer) {
    return answer.status == 200 && answer.body.starts_with(R"({"done":)");
  };
  caller_ = std::make_unique<calls::Caller>(*this, parts_.clock, parts_.plan.seed, std::move(arrow), policy_);
  for (std::size_t number = 0; number < parts_.plan.load.calls; ++number) spawn(call_later());
  if (parts_.plan.load.crashes)
    parts_.clock.call_at(parts_.clock.now() + Duration(random_.between(1, parts_.plan.span.count())),
                         [this] { crash(); });
}

CallLoad::~CallLoad() {
  calling_->crash();
  serving_.crash();
  parts_.scheduler.drop(calls_on_);
  parts_.scheduler.drop(serves_);
}

void CallLoad::spawn(Task<> task) {
  ++open_;
  asio::co_spawn(calling_->get_executor(), std::move(task), [this](const std::exception_ptr& failure) {
    --open_;
    if (failure) parts_.complain("calls", "a call has thrown");
  });
}

/// Half of the calls begin with it; those who come later find what it leaves.
void CallLoad::crash() {
  parts_.trace("load", "CRASHES");
  calling_->crash();
  parts_.scheduler.drop(calls_on_);
  calling_ = std::make_unique<FaultDomain>(parts_.scheduler.executor(calls_on_), "load");
  asked_.clear();
  open_ = 0;
  for (std::size_t number = 0; number < parts_.plan.load.calls / 2; ++number) spawn(call_later());
}

void CallLoad::heal() { spawn(recover()); }

Task<http::Response> CallLoad::serve(const http::Request& request) {
  const std::string id(request.header("ce-id").value_or(""));
  done_.insert(id);
  co_return http::json_response(answer_to(id));
}

Task<> CallLoad::call_later() {
  co_await sleep_for(parts_.clock, Duration(random_.between(0, parts_.plan.span.count())));
  co_await call();
}

/// All that failed is over, and what was let through has come back. What the breaker remembers may open it once more.
Task<> CallLoad::recover() {
  while (open_ > 1) co_await sleep_for(parts_.clock, 100ms);
  std::size_t worked = 0;
  for (int round = 0; round < 3 && worked <= policy_.breaker.probes; ++round) {
    co_await sleep_for(parts_.clock, policy_.breaker.open_for);
    worked = 0;
    for (std::size_t number = 0; number <= policy_.breaker.probes; ++number) {
      const bool this_one = co_await call();
      worked += this_one ? 1 : 0;
    }
  }
  if (worked <= policy_.breaker.probes)
    parts_.complain("breaker", "calls do not work again after all faults were healed");
}

Task<bool> CallLoad::call() {
  const std::string id = fmt::format("call-{}", ++last_);
  const Timestamp begun = parts_.clock.now();
  Timestamp deadline = begun + policy_.total;
  calls::Call call;
  call.headers.emplace_back("ce-id", id);
  if (random_.chance(0.2)) {
    deadline = begun + Duration(random_.between(0, policy_.total.count()));
    call.deadline = deadline;
  }
  asked_[id].deadline = deadline;
  calls_.push_back(begun);
  const auto answer = co_await caller_->call(std::move(call));
  asked_.erase(id);
  parts_.trace("load", "{} {}", id, answer ? "is done" : answer.error().message);
  if (const Timestamp now = parts_.clock.now(); now > deadline)
    parts_.complain("deadline", fmt::format("{} was answered {} us after its deadline", id, (now - deadline).count()));
  if (answer && (answer->body != answer_to(id) || !done_.contains(id)))
    parts_.complain("calls", fmt::format("{} took {} {} for its answer", id, answer->status, answer->body));
  if (!answer && answer.error().code != Errc::outcome_unknown) surely_not_.insert(id);
  co_return answer.has_value();
}

Task<Result<http::ClientAnswer>> CallLoad::exchange(http::ClientRequest request, Timestamp deadline) {
  for (const auto& [name, value] : request.headers)
    if (name == "ce-id") check_try(value, deadline);
  auto answer = co_await client_->exchange(std::move(request), deadline);
  co_return answer;
}

void CallLoad::check_try(const std::string& id, Timestamp deadline) {
  const Timestamp now = parts_.clock.now();
  Asked& asked = asked_.at(id);
  if (++asked.tries > policy_.tries_max)
    parts_.complain("budget", fmt::format("{} is tried {} times, not {}", id, asked.tries, policy_.tries_max));
  if (deadline > asked.deadline || deadline > now + policy_.try_timeout)
    parts_.complain("deadline", fmt::format("{} has more time for a try than there is", id));
  const auto tried = [](const auto& each) { return each.second.tries > 0; };
  if (static_cast<std::size_t>(std::count_if(asked_.begin(), asked_.end(), tried)) > policy_.calls_max)
    parts_.complain("calls", fmt::format("more than {} calls are under way", policy_.calls_max));
  if (asked.tries > 1) check_budget(now);
}

/// A retry was granted up to a pause ago, and counts by whole seconds: both sides are bounds.
void CallLoad::check_budget(Timestamp now) {
  retries_.push_back(now);
  const auto retries = static_cast<double>(count_since(retries_, now - 8500ms));
  const auto calls = static_cast<double>(count_since(calls_, now - 10500ms));
  if (const double budget = policy_.budget.share * calls + policy_.budget.per_second * 10; retries > budget)
    parts_.complain("budget", fmt::format("{} retries in 8.5 s; {} calls allow {}", retries, calls, budget));
}

void CallLoad::check_end() const {
  for (const std::string& id : surely_not_)
    if (done_.contains(id)) parts_.complain("calls", fmt::format("{} was told that nothing was done, and it was", id));
}

}  // namespace foodorder::simulation
