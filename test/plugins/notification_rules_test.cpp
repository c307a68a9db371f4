#include "foodorder/runtime/commit_tracker.hpp"
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

TEST_CASE("Offsets that hold no record are committed with what stands before them") {
  CommitTracker tracker(10);
  tracker.read_up_to(12);  // aborted records and a marker
  CHECK(tracker.next_offset() == 12);
  tracker.begin(12);
  tracker.read_up_to(15);
  CHECK(tracker.next_offset() == 12);
  tracker.finish(12);
  CHECK(tracker.next_offset() == 15);
  tracker.read_up_to(14);
  CHECK(tracker.next_offset() == 15);
}

TEST_CASE("A partition is committed up to its lowest unfinished record") {
  CommitTracker tracker(10);
  CHECK(tracker.next_offset() == 10);
  for (const std::int64_t offset : {10, 11, 13, 14}) tracker.begin(offset);  // 12 is a gap in the log
  CHECK(tracker.next_offset() == 10);
  CHECK(tracker.unfinished() == 4);
  tracker.finish(11);
  tracker.finish(14);
  tracker.finish(14);
  CHECK(tracker.next_offset() == 10);
  CHECK(tracker.unfinished() == 2);
  CHECK(tracker.uncommitted() == 4);
  tracker.finish(10);
  CHECK(tracker.next_offset() == 13);
  CHECK(tracker.uncommitted() == 2);
  tracker.finish(12);  // never begun
  CHECK(tracker.next_offset() == 13);
  tracker.finish(13);
  CHECK(tracker.next_offset() == 15);
  CHECK(tracker.unfinished() == 0);
}
