#include "calls/caller.hpp"
#include "base/fault_domain.hpp"
#include "calls/jitter.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <boost/asio/detached.hpp>
#include <set>

using namespace foodorder;
using namespace foodorder::calls;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

http::ClientAnswer answer_of(int status, std::string body = "{}", std::string type = "application/json") {
  http::ClientAnswer answer;
  answer.status = status;
  answer.body = std::move(body);
  answer.content_type = std::move(type);
  return answer;
}

/// What the other service does with a request.
struct Behaviour {
  explicit Behaviour(Result<http::ClientAnswer> gives, Duration time = milliseconds(2))
      : answer(std::move(gives)), takes(time) {}

  Result<http::ClientAnswer> answer;
  Duration takes;
};

/// A service on virtual time. An answer that takes longer than its caller waits does not come.
class FakeService final : public http::Client {
 public:
  explicit FakeService(Clock& clock) : clock_(clock) {}

  Task<Result<http::ClientAnswer>> exchange(http::ClientRequest request, Timestamp deadline) override {
    requests.push_back(request);
    sent_at.push_back(clock_.now());
    const Behaviour now = behave();
    const Duration left = deadline - clock_.now();
    co_await sleep_for(clock_, std::min(now.takes, left));
    if (now.takes >= left) co_return Error(Errc::outcome_unknown, "no whole answer in time");
    co_return now.answer;
  }

  [[nodiscard]] std::int64_t deadline_ms(std::size_t request) const {
    for (const auto& [name, value] : requests.at(request).headers)
      if (name == deadline_header) return std::stoll(value);
    return -1;
  }

  std::function<Behaviour()> behave = [] { return Behaviour(answer_of(200)); };
  std::vector<http::ClientRequest> requests;
  std::vector<Timestamp> sent_at;

 private:
  Clock& clock_;
};

struct Calling {
  explicit Calling(const Policy& policy = {}) : service(loop.clock) {
    Arrow arrow;
    arrow.name = "order-fraud-check";
    arrow.to = "fraud";
    arrow.path = "/check";
    arrow.fits = [](const http::ClientAnswer& answer) { return answer.status == 200 && answer.body == "{}"; };
    caller = std::make_unique<Caller>(service, loop.clock, 7, std::move(arrow), policy);
  }

  Result<http::ClientAnswer> call(std::optional<Timestamp> deadline = {}) { return loop.finish(task(deadline)); }
  Task<Result<http::ClientAnswer>> task(std::optional<Timestamp> deadline = {}) {
    Call wanted;
    wanted.subject = "order-1";
    wanted.event = "created";
    wanted.body = "{\"order\":1}";
    wanted.deadline = deadline;
    wanted.headers.emplace_back("traceparent", "00-1-2-01");
    return caller->call(std::move(wanted));
  }
  void answer(int status, std::string body = "{}", std::string type = "application/json") {
    service.behave = [=] { return Behaviour(answer_of(status, body, type)); };
  }
  void fail() {
    service.behave = [] { return Behaviour(Error(Errc::unavailable, "connection refused")); };
  }

  VirtualLoop loop;
  FakeService service;
  std::unique_ptr<Caller> caller;
};

/// A breaker that stays closed, for what is not about it.
Policy without_breaker() {
  Policy policy;
  policy.breaker.tries_min = 1'000'000;
  return policy;
}

}  // namespace

TEST_CASE("A call that works is one request, with its deadline and its trace") {
  Calling calling;
  const auto answer = calling.call();
  REQUIRE(answer.has_value());
  CHECK(answer->body == "{}");
  REQUIRE(calling.service.requests.size() == 1);
  CHECK(calling.service.requests[0].path == "/check");
  CHECK(calling.service.requests[0].body == "{\"order\":1}");
  CHECK(calling.service.deadline_ms(0) == 300);
  CHECK(calling.service.requests[0].headers.back() == std::pair<std::string, std::string>("traceparent", "00-1-2-01"));
  CHECK(calling.caller->counts().calls == 1);
  CHECK(calling.caller->counts().errors == 0);
  CHECK(calling.caller->quantile(0.5) == Duration(milliseconds(2)));
}

TEST_CASE("A call that fails is tried once more, with what is left of its deadline") {
  Policy policy;
  policy.total = milliseconds(301);
  Calling calling(policy);
  calling.answer(503);
  const auto answer = calling.call();
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::outcome_unknown);
  REQUIRE(calling.service.requests.size() == 2);
  const Duration between = calling.service.sent_at[1] - calling.service.sent_at[0];
  CHECK(between >= milliseconds(2));
  CHECK(between < milliseconds(52));
  CHECK(calling.service.deadline_ms(0) == 300);
  CHECK(calling.service.deadline_ms(1) == std::chrono::ceil<milliseconds>(policy.total - between).count());
  CHECK(calling.caller->counts().retries == 1);
  CHECK(calling.caller->counts().errors == 1);
  CHECK(calling.caller->last_error() == "fraud answered 503");
}

TEST_CASE("A second try that works makes a call that works") {
  Calling calling;
  calling.service.behave = [&] {
    return calling.service.requests.size() == 1 ? Behaviour(answer_of(200), seconds(9)) : Behaviour(answer_of(200));
  };
  CHECK(calling.call().has_value());
  CHECK(calling.service.requests.size() == 2);
  CHECK(calling.caller->counts().errors == 0);
}

TEST_CASE("Where nothing was sent for sure, a call says so") {
  Calling calling;
  calling.fail();
  CHECK(calling.call().error().code == Errc::unavailable);
  calling.service.behave = [&] {
    return calling.service.requests.size() % 2 == 1 ? Behaviour(answer_of(200), seconds(9))
                                                    : Behaviour(Error(Errc::unavailable, "connection refused"));
  };
  CHECK(calling.call().error().code == Errc::outcome_unknown);
}

TEST_CASE("A call ends by its deadline, and nothing is tried after it") {
  Policy policy;
  policy.total = milliseconds(300);
  Calling calling(policy);
  calling.service.behave = [] { return Behaviour(answer_of(200), seconds(9)); };
  const Timestamp begun = calling.loop.clock.now();
  CHECK_FALSE(calling.call().has_value());
  CHECK(calling.loop.clock.now() - begun == Duration(milliseconds(300)));
  CHECK(calling.service.requests.size() == 1);
  // The pause before a retry would reach the deadline.
  policy.total = milliseconds(301);
  policy.backoff = policy.backoff_max = seconds(10);
  Calling pausing(policy);
  pausing.fail();
  CHECK_FALSE(pausing.call().has_value());
  CHECK(pausing.service.requests.size() == 1);
}

TEST_CASE("A call whose process is held beyond the deadline tries nothing more") {
  Calling calling;
  calling.fail();
  std::optional<Result<http::ClientAnswer>> answer;
  asio::co_spawn(calling.loop.context, calling.task(),
                 [&](std::exception_ptr, Result<http::ClientAnswer> given) { answer = std::move(given); });
  calling.loop.run_for(milliseconds(2));
  CHECK(calling.service.requests.size() == 1);
  calling.loop.clock.advance(seconds(2));
  calling.loop.run_ready();
  REQUIRE(answer);
  CHECK(answer->error().message == "connection refused");
  CHECK(calling.service.requests.size() == 1);
  CHECK(calling.caller->counts().tries == 1);
}

TEST_CASE("The deadline of what a call is a part of counts where it is earlier") {
  Calling calling;
  CHECK(calling.call(calling.loop.clock.now() + milliseconds(40)).has_value());
  CHECK(calling.service.deadline_ms(0) == 40);
  CHECK(calling.call(calling.loop.clock.now() + seconds(40)).has_value());
  CHECK(calling.service.deadline_ms(1) == 300);
}

TEST_CASE("A deadline that is past sends nothing") {
  Calling calling;
  const auto answer = calling.call(calling.loop.clock.now());
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::unavailable);
  CHECK(calling.service.requests.empty());
  CHECK(calling.caller->counts().refused_by_deadline == 1);
}

TEST_CASE("Answers that are none are not tried again") {
  Calling calling(without_breaker());
  for (const int status : {201, 302, 400, 404, 501}) {
    calling.answer(status);
    CHECK_FALSE(calling.call().has_value());
  }
  calling.answer(200, "<html>", "text/html");
  CHECK_FALSE(calling.call().has_value());
  CHECK(calling.caller->last_error() == "fraud answered 200 text/html of 6 bytes, which is no answer to /check");
  CHECK(calling.service.requests.size() == 6);
  CHECK(calling.caller->counts().errors == 6);
}

TEST_CASE("An open breaker answers at once and sends nothing, and closes after three probes") {
  Calling calling;
  calling.fail();
  while (calling.caller->breaker() != Breaker::State::open) calling.call();
  CHECK(calling.caller->counts().tries == 10);
  const Timestamp opened = calling.loop.clock.now();
  const auto answer = calling.call();
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().code == Errc::unavailable);
  CHECK(calling.loop.clock.now() == opened);
  CHECK(calling.service.requests.size() == 10);
  CHECK(calling.caller->counts().refused_by_breaker == 1);
  calling.answer(200);
  calling.loop.run_for(seconds(5));
  for (int i = 0; i < 3; ++i) CHECK(calling.call().has_value());
  CHECK(calling.caller->breaker() == Breaker::State::closed);
}

TEST_CASE("While probes are out nobody else is let through") {
  Calling calling;
  calling.fail();
  while (calling.caller->breaker() != Breaker::State::open) calling.call();
  calling.loop.run_for(seconds(5));
  calling.service.requests.clear();
  calling.service.behave = [] { return Behaviour(answer_of(200), milliseconds(100)); };
  for (int i = 0; i < 50; ++i) asio::co_spawn(calling.loop.context, calling.task(), asio::detached);
  calling.loop.run_ready();
  CHECK(calling.service.requests.size() == 3);
}

TEST_CASE("A bulkhead lets 64 calls be under way") {
  Calling calling(without_breaker());
  calling.service.behave = [] { return Behaviour(answer_of(200), milliseconds(100)); };
  for (int i = 0; i < 64; ++i) asio::co_spawn(calling.loop.context, calling.task(), asio::detached);
  calling.loop.run_ready();
  CHECK(calling.caller->in_flight() == 64);
  const auto refused = calling.loop.run(calling.task());
  REQUIRE(refused.has_value());
  CHECK(refused->error().code == Errc::queue_full);
  CHECK(calling.caller->counts().refused_by_bulkhead == 1);
  calling.loop.run_for(seconds(1));
  CHECK(calling.caller->in_flight() == 0);
  CHECK(calling.call().has_value());
}

TEST_CASE("A caller that is destroyed while it calls gives back its place and its probe") {
  Calling calling;
  calling.fail();
  while (calling.caller->breaker() != Breaker::State::open) calling.call();
  calling.loop.run_for(seconds(5));
  calling.service.behave = [] { return Behaviour(answer_of(200), milliseconds(100)); };
  FaultDomain domain(calling.loop.context.get_executor(), "order-1");
  for (int i = 0; i < 3; ++i) asio::co_spawn(domain.get_executor(), calling.task(), asio::detached);
  calling.loop.run_ready();
  CHECK(calling.caller->in_flight() == 3);
  domain.crash();
  calling.loop.run_ready();
  CHECK(calling.caller->in_flight() == 0);
  for (int i = 0; i < 3; ++i) CHECK(calling.call().has_value());
  CHECK(calling.caller->breaker() == Breaker::State::closed);
}

TEST_CASE("Retries add at most a quarter to the calls to a service that always fails") {
  Calling calling(without_breaker());
  calling.answer(500);
  constexpr int calls = 2'000;
  for (int i = 0; i < calls; ++i) {
    asio::co_spawn(calling.loop.context, calling.task(), asio::detached);
    calling.loop.run_for(milliseconds(10));
  }
  calling.loop.run_for(seconds(2));
  CHECK(calling.caller->counts().calls == calls);
  CHECK(calling.service.requests.size() <= calls * 5 / 4);
  CHECK(calling.service.requests.size() > calls * 11 / 10);
  CHECK(calling.caller->counts().retries_refused > 0);
}

TEST_CASE("A breaker keeps nearly all calls from a service that always fails") {
  Calling calling;
  calling.answer(500);
  for (int i = 0; i < 2'000; ++i) {
    asio::co_spawn(calling.loop.context, calling.task(), asio::detached);
    calling.loop.run_for(milliseconds(10));
  }
  CHECK(calling.service.requests.size() < 40);
}

TEST_CASE("A fault refuses, delays or loses what goes along one arrow") {
  Calling calling(without_breaker());
  Fault fault;
  fault.refuse = true;
  calling.caller->set_fault(fault);
  CHECK(calling.call().error().code == Errc::unavailable);
  CHECK(calling.service.requests.empty());
  fault = Fault();
  fault.delay = milliseconds(100);
  calling.caller->set_fault(fault);
  Timestamp begun = calling.loop.clock.now();
  CHECK(calling.call().has_value());
  CHECK(calling.loop.clock.now() - begun == Duration(milliseconds(102)));
  fault.delay = seconds(9);
  calling.caller->set_fault(fault);
  begun = calling.loop.clock.now();
  CHECK_FALSE(calling.call().has_value());
  CHECK(calling.loop.clock.now() - begun < Duration(seconds(1)));
  CHECK(calling.service.requests.size() == 1);
  fault = Fault();
  fault.fail_rate = 1;
  calling.caller->set_fault(fault);
  CHECK(calling.call().error().code == Errc::outcome_unknown);
  CHECK(calling.service.requests.size() == 3);  // it was done, twice
  calling.caller->set_fault({});
  CHECK(calling.call().has_value());
}

TEST_CASE("What became of a call is told when it has ended: each try, and why there was none") {
  Policy policy;
  policy.breaker.tries_min = 2;
  Calling calling(policy);
  std::vector<CallRecord> kept;
  calling.caller->set_keep([&](CallRecord record) { kept.push_back(std::move(record)); });
  CHECK(calling.call().has_value());
  calling.fail();
  CHECK_FALSE(calling.call().has_value());  // its second try is kept back by the breaker, which has opened
  CHECK_FALSE(calling.call().has_value());
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].subject == "order-1");
  CHECK(kept[0].event == "created");
  CHECK(kept[0].traceparent == "00-1-2-01");
  CHECK(kept[0].status == 200);
  CHECK(kept[0].error.empty());
  REQUIRE(kept[0].tries.size() == 1);
  CHECK(kept[0].tries[0].ended - kept[0].tries[0].begun == Duration(milliseconds(2)));
  CHECK(kept[0].tries[0].deadline - kept[0].tries[0].begun == Duration(milliseconds(300)));
  CHECK(kept[0].deadline - kept[0].begun == Duration(seconds(1)));
  CHECK(kept[1].tries.size() == 1);
  CHECK(kept[1].tries[0].error == "connection refused");
  CHECK(kept[1].not_retried == "breaker");
  CHECK(kept[1].status == 0);
  CHECK(kept[2].refused_by == "breaker");
  CHECK(kept[2].tries.empty());
  CHECK(calling.caller->probes_at() == kept[1].tries[0].ended + seconds(5));
  calling.answer(200);
  calling.loop.run_for(seconds(6));
  CHECK_FALSE(calling.caller->probes_at());
  CHECK(calling.call().has_value());
  CHECK(kept[3].tries[0].is_probe);
  CHECK(calling.caller->probes_passed() == 1);
}

TEST_CASE("Pauses are anything from nothing to the backoff, which doubles up to its end") {
  Jitter jitter(3);
  std::set<std::int64_t> pauses;
  Duration longest{};
  for (int i = 0; i < 1'000; ++i) {
    const Duration pause = jitter.pause(0, milliseconds(50), milliseconds(500));
    CHECK(pause >= Duration::zero());
    CHECK(pause < milliseconds(50));
    pauses.insert(pause / milliseconds(5));
    longest = std::max(longest, jitter.pause(9, milliseconds(50), milliseconds(500)));
  }
  CHECK(pauses.size() == 10);
  CHECK(longest > milliseconds(480));
  CHECK(longest <= milliseconds(500));
}
