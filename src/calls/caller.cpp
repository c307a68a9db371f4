#include "caller.hpp"

#include "jitter.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace foodorder::calls {

namespace {

/// What came of a try.
struct Attempt {
  explicit Attempt(http::ClientAnswer got) : answer(std::move(got)) {}
  Attempt(Error why, bool again) : answer(std::move(why)), may_retry(again) {}

  Result<http::ClientAnswer> answer;
  bool may_retry = false;
};

/// Trouble that may be over soon.
bool is_transient(int status) {
  return status == 429 || status == 500 || status == 502 || status == 503 || status == 504;
}

/// A place in the bulkhead, for as long as this lives.
class Place {
 public:
  explicit Place(std::shared_ptr<std::size_t> in_flight) : in_flight_(std::move(in_flight)) { ++*in_flight_; }
  Place(const Place&) = delete;
  Place& operator=(const Place&) = delete;
  ~Place() { --*in_flight_; }

 private:
  std::shared_ptr<std::size_t> in_flight_;
};

/// A permit that is given back even if its coroutine is destroyed.
class HeldPermit {
 public:
  HeldPermit(std::shared_ptr<Breaker> breaker, Breaker::Permit permit)
      : breaker_(std::move(breaker)), permit_(permit) {}
  HeldPermit(const HeldPermit&) = delete;
  HeldPermit& operator=(const HeldPermit&) = delete;
  ~HeldPermit() {
    if (breaker_) breaker_->abandon(permit_);
  }

  void report(bool worked, Duration took, Timestamp now) {
    std::exchange(breaker_, nullptr)->report(permit_, worked, took, now);
  }

 private:
  std::shared_ptr<Breaker> breaker_;
  Breaker::Permit permit_;
};

/// Why nothing of a call is sent.
struct Refusal {
  std::string_view by;  ///< as CallRecord::refused_by
  std::uint64_t CallCounts::* counter;
  Errc code;
  std::string_view why;
};

constexpr Refusal by_breaker{"breaker", &CallCounts::refused_by_breaker, Errc::unavailable,
                             "its breaker is open, because most calls failed or were slow"};
constexpr Refusal by_bulkhead{"bulkhead", &CallCounts::refused_by_bulkhead, Errc::queue_full,
                              "too many calls are under way"};
constexpr Refusal by_deadline{"deadline", &CallCounts::refused_by_deadline, Errc::unavailable, "the deadline is past"};

}  // namespace

struct Caller::State {
  State(http::Client& the_client, Clock& the_clock, std::uint64_t seed, Arrow the_arrow, const Policy& the_policy)
      : client(the_client),
        clock(the_clock),
        arrow(std::move(the_arrow)),
        policy(the_policy),
        breaker(policy.breaker),
        budget(policy.budget),
        jitter(seed) {}

  http::Client& client;
  Clock& clock;
  const Arrow arrow;
  const Policy policy;
  Breaker breaker;
  RetryBudget budget;
  Jitter jitter;
  CallCounts counts;
  CallTimes times;
  Fault fault;
  Keep keep;
  std::size_t in_flight = 0;
  std::string last_error;

  static Task<Result<http::ClientAnswer>> run(std::shared_ptr<State> state, Call call);
  static Task<Result<http::ClientAnswer>> run_within(std::shared_ptr<State> state, const Call& call,
                                                     CallRecord& record);
  static Task<Result<http::ClientAnswer>> run_tries(std::shared_ptr<State> state, const Call& call, CallRecord& record);
  Task<Attempt> attempt(const Call& call, Timestamp until);
  [[nodiscard]] http::ClientRequest request_for(const Call& call, Timestamp until) const;
  [[nodiscard]] Attempt judge(Result<http::ClientAnswer> answer) const;
  std::optional<Duration> pause_before_retry(CallRecord& record);
  Error refuse(CallRecord& record, const Refusal& refusal);
  void tell(CallRecord record, Call call, const Result<http::ClientAnswer>& answer) const;
};

Caller::Caller(http::Client& client, Clock& clock, std::uint64_t seed, Arrow arrow, const Policy& policy)
    : state_(std::make_shared<State>(client, clock, seed, std::move(arrow), policy)) {}
Caller::~Caller() = default;

Task<Result<http::ClientAnswer>> Caller::call(Call call) { return State::run(state_, std::move(call)); }

void Caller::set_keep(Keep keep) { state_->keep = std::move(keep); }

const Arrow& Caller::arrow() const noexcept { return state_->arrow; }
const Policy& Caller::policy() const noexcept { return state_->policy; }
const CallCounts& Caller::counts() const noexcept { return state_->counts; }
std::optional<Duration> Caller::quantile(double share) const { return state_->times.quantile(share); }
Breaker::State Caller::breaker() const { return state_->breaker.state(state_->clock.now()); }
std::uint64_t Caller::breaker_openings() const { return state_->breaker.openings(); }
std::optional<Timestamp> Caller::probes_at() const {
  if (breaker() != Breaker::State::open) return {};
  return state_->breaker.probes_at();
}
std::size_t Caller::probes_passed() const { return state_->breaker.probes_passed(); }
std::size_t Caller::in_flight() const noexcept { return state_->in_flight; }
const std::string& Caller::last_error() const noexcept { return state_->last_error; }
const Fault& Caller::fault() const noexcept { return state_->fault; }
void Caller::set_fault(const Fault& fault) { state_->fault = fault; }

Error Caller::State::refuse(CallRecord& record, const Refusal& refusal) {
  record.refused_by = refusal.by;
  ++counts.refused;
  ++(counts.*refusal.counter);
  return Error(refusal.code, fmt::format("{} was not called: {}", arrow.to, refusal.why));
}

Task<Result<http::ClientAnswer>> Caller::State::run(std::shared_ptr<State> state, Call call) {
  State& self = *state;
  CallRecord record;
  record.begun = self.clock.now();
  ++self.counts.calls;
  self.budget.count_call(record.begun);
  const Timestamp latest = record.begun + self.policy.total;
  record.deadline = call.deadline ? std::min(*call.deadline, latest) : latest;
  auto answer = co_await run_within(state, call, record);
  record.ended = self.clock.now();
  if (record.refused_by.empty()) self.times.add(record.ended - record.begun);
  self.tell(std::move(record), std::move(call), answer);
  co_return answer;
}

void Caller::State::tell(CallRecord record, Call call, const Result<http::ClientAnswer>& answer) const {
  if (!keep) return;
  record.subject = std::move(call.subject);
  record.event = std::move(call.event);
  for (auto& [name, value] : call.headers)
    if (name == "traceparent") record.traceparent = std::move(value);
  if (answer)
    record.status = answer->status;
  else
    record.error = answer.error().message;
  keep(std::move(record));
}

Task<Result<http::ClientAnswer>> Caller::State::run_within(std::shared_ptr<State> state, const Call& call,
                                                           CallRecord& record) {
  State& self = *state;
  if (record.begun >= record.deadline) co_return self.refuse(record, by_deadline);
  if (self.in_flight >= self.policy.calls_max) co_return self.refuse(record, by_bulkhead);
  const Place place(std::shared_ptr<std::size_t>(state, &self.in_flight));
  auto answer = co_await run_tries(state, call, record);
  co_return answer;
}

Task<Result<http::ClientAnswer>> Caller::State::run_tries(std::shared_ptr<State> state, const Call& call,
                                                          CallRecord& record) {
  State& self = *state;
  Error last;
  bool may_be_done = false;
  while (true) {
    const auto permit = self.breaker.admit(self.clock.now());
    if (!permit && record.tries.empty()) co_return self.refuse(record, by_breaker);
    if (!permit) {
      record.not_retried = "breaker";
      break;
    }
    HeldPermit held(std::shared_ptr<Breaker>(state, &self.breaker), *permit);
    ++self.counts.tries;
    if (!record.tries.empty()) ++self.counts.retries;
    TryRecord tried;
    tried.begun = self.clock.now();
    tried.deadline = std::min(tried.begun + self.policy.try_timeout, record.deadline);
    tried.is_probe = self.breaker.state(tried.begun) == Breaker::State::half_open;
    Attempt attempt = co_await self.attempt(call, tried.deadline);
    tried.ended = self.clock.now();
    held.report(attempt.answer.has_value(), tried.ended - tried.begun, tried.ended);
    if (!attempt.answer) tried.error = attempt.answer.error().message;
    record.tries.push_back(std::move(tried));
    if (attempt.answer) co_return std::move(attempt.answer);
    last = attempt.answer.error();
    self.last_error = last.message;
    may_be_done = may_be_done || last.code == Errc::outcome_unknown;
    if (!attempt.may_retry) break;
    const auto pause = self.pause_before_retry(record);
    if (!pause) break;
    co_await sleep_for(self.clock, *pause);
    if (self.clock.now() >= record.deadline) {  // it slept for longer, in a process that was held
      record.not_retried = "deadline";
      break;
    }
  }
  ++self.counts.errors;
  if (may_be_done) last.code = Errc::outcome_unknown;
  co_return last;
}

/// Nothing if there is to be no retry.
std::optional<Duration> Caller::State::pause_before_retry(CallRecord& record) {
  const int tried = static_cast<int>(record.tries.size());
  if (tried >= policy.tries_max) return {};
  const Timestamp now = clock.now();
  const Duration pause = jitter.pause(tried - 1, policy.backoff, policy.backoff_max);
  if (now + pause >= record.deadline) {
    record.not_retried = "deadline";
    return {};
  }
  if (budget.take(now)) return pause;
  record.not_retried = "budget";
  ++counts.retries_refused;
  return {};
}

/// One try, whose time is over at `until`.
Task<Attempt> Caller::State::attempt(const Call& call, Timestamp until) {
  const Fault now = fault;
  if (now.refuse) co_return Attempt(Error(Errc::unavailable, "refused, as a fault was set"), true);
  if (now.delay > Duration::zero()) co_await sleep_for(clock, std::min(now.delay, until - clock.now()));
  if (clock.now() >= until)
    co_return Attempt(Error(Errc::unavailable, "delayed beyond its timeout, as a fault was set"), true);
  http::ClientRequest request = request_for(call, until);
  auto answer = co_await client.exchange(std::move(request), until);
  if (jitter.chance(now.fail_rate))
    co_return Attempt(Error(Errc::outcome_unknown, "its answer was lost, as a fault was set"), true);
  co_return judge(std::move(answer));
}

http::ClientRequest Caller::State::request_for(const Call& call, Timestamp until) const {
  http::ClientRequest request(http::Method::post, arrow.path);
  request.body = call.body;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock.now());
  request.headers.emplace_back(deadline_header, std::to_string(left.count()));
  request.headers.insert(request.headers.end(), call.headers.begin(), call.headers.end());
  return request;
}

Attempt Caller::State::judge(Result<http::ClientAnswer> answer) const {
  if (!answer) return Attempt(answer.error(), true);
  if (is_transient(answer->status))
    return Attempt(Error(Errc::outcome_unknown, fmt::format("{} answered {}", arrow.to, answer->status)), true);
  if (!arrow.fits(*answer))
    return Attempt(Error(Errc::outcome_unknown,
                         fmt::format("{} answered {} {} of {} bytes, which is no answer to {}", arrow.to,
                                     answer->status, answer->content_type, answer->body.size(), arrow.path)),
                   false);
  return Attempt(std::move(*answer));
}

}  // namespace foodorder::calls
