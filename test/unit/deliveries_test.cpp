#include "foodorder/runtime/deliveries.hpp"
#include "support/catch.hpp"

using namespace foodorder;

namespace {

const TopicPartition first("orders", 0);
const TopicPartition second("orders", 1);

/// Writes down which partitions are paused.
class PausedConsumer final : public Consumer {
 public:
  Task<Result<ConsumerEvent>> next() override { co_return Error(Errc::closed, "it reads nothing"); }
  Task<Result<void>> commit(std::vector<Position>) override { co_return Result<void>(); }
  Task<Result<void>> seek(TopicPartition, Where) override { co_return Result<void>(); }
  void pause(const std::vector<TopicPartition>& partitions) override {
    for (const TopicPartition& tp : partitions) calls.emplace_back("pause " + std::to_string(tp.partition));
  }
  void resume(const std::vector<TopicPartition>& partitions) override {
    for (const TopicPartition& tp : partitions) calls.emplace_back("resume " + std::to_string(tp.partition));
  }
  std::vector<Position> assignment() const override { return {}; }
  Task<> close() override { co_return; }

  std::vector<std::string> calls;
};

using Calls = std::vector<std::string>;
using Positions = std::vector<Position>;

}  // namespace

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

TEST_CASE("What may be committed is given once, for each partition on its own") {
  Deliveries deliveries;
  deliveries.assign({Position(second, 5), Position(first, 10)});
  CHECK(deliveries.take_committable().empty());
  for (const std::int64_t offset : {10, 11}) deliveries.begin(Position(first, offset));
  deliveries.begin(Position(second, 5));
  deliveries.read_up_to({Position(first, 13), Position(second, 6)});
  CHECK(deliveries.unfinished() == 3);
  deliveries.finish(Position(first, 11));
  deliveries.finish(Position(second, 5));
  CHECK(deliveries.take_committable() == Positions{Position(second, 6)});
  CHECK(deliveries.take_committable().empty());
  deliveries.finish(Position(first, 10));
  CHECK(deliveries.take_committable() == Positions{Position(first, 13)});  // offset 12 holds no record
  CHECK(deliveries.next_offset(first) == 13);
}

TEST_CASE("A partition that has gone to another owner is forgotten, and begins anew when it comes back") {
  Deliveries deliveries;
  deliveries.assign({Position(first, 10), Position(second, 0)});
  deliveries.begin(Position(first, 10));
  deliveries.revoke({first});
  deliveries.finish(Position(first, 10));
  deliveries.read_up_to({Position(first, 11)});
  CHECK(deliveries.take_committable().empty());
  CHECK(deliveries.unfinished() == 0);
  CHECK(deliveries.next_offset(first) == 0);
  deliveries.assign({Position(first, 20)});
  deliveries.begin(Position(first, 20));
  deliveries.finish(Position(first, 20));
  CHECK(deliveries.take_committable() == Positions{Position(first, 21)});
}

TEST_CASE("A partition with too much that is unfinished is held, until half of it is done") {
  Deliveries deliveries;
  PausedConsumer consumer;
  deliveries.assign({Position(first, 0), Position(second, 0)});
  const auto finish = [&](std::int64_t offset) {
    deliveries.finish(Position(first, offset));
    deliveries.hold_or_resume(consumer, 4);
  };
  for (std::int64_t offset = 0; offset < 4; ++offset) {
    CHECK(consumer.calls.empty());
    deliveries.begin(Position(first, offset));
    deliveries.hold_or_resume(consumer, 4);
  }
  CHECK(consumer.calls == Calls{"pause 0"});
  finish(0);
  CHECK(consumer.calls.size() == 1);
  finish(3);
  CHECK(consumer.calls == Calls{"pause 0", "resume 0"});
}

TEST_CASE("One unfinished record with very many finished ones behind it holds its partition, too") {
  Deliveries deliveries;
  PausedConsumer consumer;
  deliveries.assign({Position(first, 0)});
  for (std::int64_t offset = 0; consumer.calls.empty(); ++offset) {
    REQUIRE(offset < 200);
    deliveries.begin(Position(first, offset));
    if (offset > 0) deliveries.finish(Position(first, offset));
    deliveries.hold_or_resume(consumer, 4);
  }
  CHECK(consumer.calls == Calls{"pause 0"});
  deliveries.finish(Position(first, 0));
  deliveries.hold_or_resume(consumer, 4);
  CHECK(consumer.calls == Calls{"pause 0", "resume 0"});
}

TEST_CASE("While the consumer is paused no partition is resumed; once it goes on, it may be held again") {
  Deliveries deliveries;
  PausedConsumer consumer;
  deliveries.assign({Position(first, 0)});
  deliveries.hold(consumer, first, true);
  deliveries.pause(true);
  deliveries.hold(consumer, first, false);
  CHECK(consumer.calls == Calls{"pause 0"});
  deliveries.pause(false);  // the pump resumes all
  deliveries.hold(consumer, first, true);
  deliveries.hold(consumer, first, true);
  deliveries.hold(consumer, second, true);  // not its own
  CHECK(consumer.calls == Calls{"pause 0", "pause 0"});
}
