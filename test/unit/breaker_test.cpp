#include "calls/breaker.hpp"
#include "calls/retry_budget.hpp"
#include "support/catch.hpp"

#include <vector>

using namespace foodorder;
using namespace foodorder::calls;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Duration quick = milliseconds(5);

struct Tried {
  explicit Tried(const Breaker::Spec& spec = {}) : breaker(spec) {}

  /// Whether it was let through.
  bool run(bool works, Duration took = quick) {
    const auto permit = breaker.admit(now);
    if (permit) breaker.report(*permit, works, took, now);
    return permit.has_value();
  }
  void open() {
    for (int i = 0; i < 10; ++i) run(false);
    REQUIRE(breaker.state(now) == Breaker::State::open);
  }
  void pass_open_time() { now += seconds(5); }

  Breaker breaker;
  Timestamp now = Timestamp(seconds(1'000));
};

}  // namespace

TEST_CASE("A breaker says nothing before ten tries, and opens where half of them failed") {
  Tried tried;
  for (int i = 0; i < 9; ++i) CHECK(tried.run(i % 2 == 0));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::closed);
  CHECK(tried.run(false));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::open);
  CHECK(tried.breaker.openings() == 1);
  CHECK_FALSE(tried.run(true));
}

TEST_CASE("A breaker stays closed below half, and forgets what is older than twenty tries") {
  Tried tried;
  for (int i = 0; i < 40; ++i) CHECK(tried.run(i % 5 < 3));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::closed);
  for (int i = 0; i < 20; ++i) CHECK(tried.run(true));
  // Nine of the last twenty.
  for (int i = 0; i < 9; ++i) CHECK(tried.run(false));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::closed);
  CHECK(tried.run(false));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::open);
}

TEST_CASE("Slow answers open a breaker as failures do") {
  Tried tried;
  for (int i = 0; i < 10; ++i) CHECK(tried.run(true, milliseconds(240)));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::open);
}

TEST_CASE("An open breaker lets three probes through after five seconds, and closes when all have passed") {
  Tried tried;
  tried.open();
  tried.now += seconds(5) - Duration(1);
  CHECK_FALSE(tried.breaker.admit(tried.now));
  tried.now += Duration(1);
  CHECK(tried.breaker.state(tried.now) == Breaker::State::half_open);
  std::vector<Breaker::Permit> probes;
  for (int i = 0; i < 3; ++i) probes.push_back(tried.breaker.admit(tried.now).value());
  CHECK_FALSE(tried.breaker.admit(tried.now));
  for (int i = 0; i < 2; ++i) tried.breaker.report(probes[i], true, quick, tried.now);
  CHECK_FALSE(tried.breaker.admit(tried.now));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::half_open);
  tried.breaker.report(probes[2], true, quick, tried.now);
  CHECK(tried.breaker.state(tried.now) == Breaker::State::closed);
  // The failures of before are forgotten.
  for (int i = 0; i < 9; ++i) CHECK(tried.run(false));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::closed);
}

TEST_CASE("One probe that fails opens a breaker again, for another five seconds") {
  Tried tried;
  tried.open();
  tried.pass_open_time();
  CHECK(tried.run(true));
  CHECK(tried.run(true));
  CHECK(tried.run(true, milliseconds(300)));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::open);
  tried.now += seconds(4);
  CHECK_FALSE(tried.run(true));
  tried.now += seconds(1);
  CHECK(tried.run(true));
}

TEST_CASE("A probe that is out when a breaker opens again says nothing about the next round") {
  Tried tried;
  tried.open();
  tried.pass_open_time();
  const auto late = tried.breaker.admit(tried.now).value();
  const auto failing = tried.breaker.admit(tried.now).value();
  tried.breaker.report(failing, false, quick, tried.now);
  CHECK(tried.breaker.state(tried.now) == Breaker::State::open);
  tried.breaker.report(late, true, quick, tried.now);
  CHECK(tried.breaker.state(tried.now) == Breaker::State::open);
  tried.pass_open_time();
  CHECK(tried.run(true));
  CHECK(tried.run(true));
  tried.breaker.report(late, true, quick, tried.now);
  tried.breaker.abandon(late);
  CHECK(tried.breaker.state(tried.now) == Breaker::State::half_open);
  CHECK(tried.run(true));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::closed);
}

TEST_CASE("A try that began before a breaker opened says nothing afterwards") {
  Tried tried;
  const auto late = tried.breaker.admit(tried.now).value();
  tried.open();
  tried.pass_open_time();
  CHECK(tried.run(true));
  tried.breaker.report(late, false, quick, tried.now);
  CHECK(tried.breaker.state(tried.now) == Breaker::State::half_open);
}

TEST_CASE("A probe whose caller is gone gives its place to another") {
  Tried tried;
  tried.open();
  tried.pass_open_time();
  for (int i = 0; i < 3; ++i) tried.breaker.abandon(tried.breaker.admit(tried.now).value());
  for (int i = 0; i < 3; ++i) CHECK(tried.run(true));
  CHECK(tried.breaker.state(tried.now) == Breaker::State::closed);
}

TEST_CASE("A retry budget is a fifth of the calls of ten seconds, and three a second") {
  RetryBudget budget({});
  Timestamp now = Timestamp(seconds(2'000));
  for (int i = 0; i < 100; ++i) budget.count_call(now);
  now += seconds(9);
  int taken = 0;
  while (budget.take(now)) ++taken;
  CHECK(taken == 20 + 30);
  CHECK_FALSE(budget.take(now));
  // Second 0 leaves the window: 100 calls fewer, and the 50 retries of second 9 are still in it.
  now += seconds(1);
  CHECK_FALSE(budget.take(now));
  now += seconds(9);
  CHECK(budget.take(now));
}
