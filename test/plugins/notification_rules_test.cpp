#include "rules/retry_policy.hpp"
#include "support/catch.hpp"

#include <string>

using namespace foodorder;
using namespace foodorder::notification;

TEST_CASE("A delivery's fate follows from its id, its retry count, the seed and the rate alone") {
  int failed = 0;
  int changed_by_seed = 0;
  int changed_by_retry = 0;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "event-" + std::to_string(i);
    const bool fails = delivery_fails(id, 0, 7, 0.3);
    CHECK(fails == delivery_fails(id, 0, 7, 0.3));
    CHECK(!delivery_fails(id, 0, 7, 0));
    CHECK(delivery_fails(id, 0, 7, 1));
    failed += fails;
    changed_by_seed += fails != delivery_fails(id, 0, 8, 0.3);
    changed_by_retry += fails != delivery_fails(id, 1, 7, 0.3);
  }
  CHECK(failed > 2'800);
  CHECK(failed < 3'200);
  CHECK(changed_by_seed > 3'000);  // 42 % of independent draws differ
  CHECK(changed_by_retry > 3'000);
}

TEST_CASE("A record is retried after its first and second failure, and given up after the third") {
  RetryPolicy policy;
  policy.fail_rate = 1;
  CHECK(outcome_of("e", 0, 0, policy) == Outcome::retry);
  CHECK(outcome_of("e", 1, 0, policy) == Outcome::retry);
  CHECK(outcome_of("e", 2, 0, policy) == Outcome::dead_letter);
  CHECK(outcome_of("e", 3, 0, policy) == Outcome::dead_letter);
  policy.fail_mode = fail_mode_from("drop");
  CHECK(outcome_of("e", 1, 0, policy) == Outcome::retry);
  CHECK(outcome_of("e", 2, 0, policy) == Outcome::drop);
  policy.fail_mode = fail_mode_from("retry-forever");
  CHECK(outcome_of("e", 2, 0, policy) == Outcome::retry);
  CHECK(outcome_of("e", 200, 0, policy) == Outcome::retry);
  policy.fail_rate = 0;
  CHECK(outcome_of("e", 2, 0, policy) == Outcome::notified);
}

TEST_CASE("The wait doubles with each retry up to its limit") {
  using std::chrono::milliseconds;
  RetryPolicy policy;
  CHECK(backoff_for(0, policy) == milliseconds(200));
  CHECK(backoff_for(1, policy) == milliseconds(400));
  CHECK(backoff_for(4, policy) == milliseconds(3'200));
  CHECK(backoff_for(5, policy) == milliseconds(5'000));
  CHECK(backoff_for(1'000'000'000, policy) == milliseconds(5'000));
  policy.backoff = milliseconds(0);
  CHECK(backoff_for(1'000'000'000, policy) == milliseconds(0));
}
