#include "foodorder/runtime/pump.hpp"
#include "support/catch.hpp"
#include "support/virtual_loop.hpp"

#include <boost/asio/detached.hpp>
#include <deque>

using namespace foodorder;

namespace {

/// A consumer that gives what it is told to, and writes down and holds back what it is asked for.
class HeldConsumer final : public Consumer {
 public:
  struct Commit {
    std::vector<Position> next_offsets;
    Waiter<Result<void>> waiter;
  };

  void give(ConsumerEvent event) {
    events_.push_back(std::move(event));
    waiter_.complete(Wake{});
  }

  Task<Result<ConsumerEvent>> next() override {
    ++asked;
    while (events_.empty() && !left) co_await park<Wake>([&](Waiter<Wake> waiter) { waiter_ = std::move(waiter); });
    if (left) co_return Error(Errc::closed, "it has left");
    ConsumerEvent event = std::move(events_.front());
    events_.pop_front();
    co_return event;
  }
  Task<Result<void>> commit(std::vector<Position> next_offsets) override {
    Result<void> answer = co_await park<Result<void>>(
        [&](Waiter<Result<void>> waiter) { commits.push_back(Commit{std::move(next_offsets), std::move(waiter)}); });
    co_return answer;
  }
  Task<> close() override {
    left = true;
    waiter_.complete(Wake{});
    co_return;
  }
  Task<Result<void>> seek(TopicPartition, Where) override { co_return Result<void>(); }
  void pause(const std::vector<TopicPartition>&) override {}
  void resume(const std::vector<TopicPartition>&) override {}
  std::vector<Position> assignment() const override { return {}; }

  int asked = 0;
  bool left = false;
  std::deque<Commit> commits;

 private:
  std::deque<ConsumerEvent> events_;
  Waiter<Wake> waiter_;
};

std::vector<Position> orders(std::int64_t next_offset) { return {Position(TopicPartition("orders", 0), next_offset)}; }

ConsumerEvent a_record() { return Records{{ConsumerRecord(orders(0).front(), std::make_shared<const Record>())}}; }

/// A pump whose every event finishes one record more.
class Fixture {
 public:
  Fixture() { asio::co_spawn(loop.context, run(), asio::detached); }

  void give(ConsumerEvent event) {
    consumer->give(std::move(event));
    loop.run_ready();
  }
  void answer(Result<void> result) {
    consumer->commits.back().waiter.complete(std::move(result));
    loop.run_ready();
  }

  VirtualLoop loop;
  HeldConsumer* consumer = new HeldConsumer;
  std::int64_t finished = 0;
  bool ended = false;
  Pump pump{std::unique_ptr<Consumer>(consumer), loop.clock, [this](ConsumerEvent) { return finish(); }};

 private:
  Task<> run() {
    co_await pump.run();
    ended = true;
  }
  Task<> finish() {
    pump.commit(orders(++finished));
    co_return;
  }
};

}  // namespace

TEST_CASE("What comes next does not wait for a commit, and what is finished within a tenth of a second is one") {
  Fixture fixture;
  for (int i = 0; i < 3; ++i) fixture.give(a_record());
  CHECK(fixture.finished == 3);
  REQUIRE(fixture.consumer->commits.size() == 1);
  CHECK(fixture.consumer->commits.back().next_offsets == orders(1));
  fixture.answer(Result<void>());
  fixture.loop.run_for(std::chrono::milliseconds(90));
  fixture.give(a_record());
  REQUIRE(fixture.consumer->commits.size() == 1);
  fixture.loop.run_for(std::chrono::milliseconds(10));
  REQUIRE(fixture.consumer->commits.size() == 2);
  CHECK(fixture.consumer->commits.back().next_offsets == orders(4));
  fixture.answer(Result<void>());
  fixture.loop.run_for(std::chrono::seconds(1));
  CHECK(fixture.consumer->commits.size() == 2);
}

TEST_CASE("A commit that gathers is made at once where partitions go back or the pump stops") {
  Fixture fixture;
  fixture.give(a_record());
  fixture.answer(Result<void>());
  fixture.give(a_record());
  REQUIRE(fixture.consumer->commits.size() == 1);
  SECTION("partitions go back") { fixture.give(Revoked{{TopicPartition("orders", 0)}, false}); }
  SECTION("the pump stops") { fixture.pump.stop(); }
  fixture.loop.run_ready();
  CHECK(fixture.consumer->commits.size() == 2);
}

TEST_CASE("Partitions are given up when all that was finished is committed") {
  Fixture fixture;
  fixture.give(a_record());
  fixture.give(Revoked{{TopicPartition("orders", 0)}, false});
  const int asked = fixture.consumer->asked;
  REQUIRE(fixture.consumer->commits.size() == 1);
  fixture.answer(Result<void>());
  CHECK(fixture.consumer->asked == asked);  // the second commit is on its way
  fixture.answer(Result<void>());
  CHECK(fixture.consumer->asked == asked + 1);
}

TEST_CASE("A stopped pump leaves when all that was finished is committed") {
  Fixture fixture;
  fixture.give(a_record());
  fixture.give(a_record());
  fixture.pump.stop();
  fixture.loop.run_ready();
  fixture.answer(Result<void>());
  CHECK_FALSE(fixture.consumer->left);
  CHECK(fixture.consumer->commits.back().next_offsets == orders(2));
  fixture.answer(Result<void>());
  CHECK(fixture.consumer->left);
  CHECK(fixture.ended);
}

TEST_CASE("A commit is tried again while the bus is out of reach, with what was finished meanwhile") {
  Fixture fixture;
  fixture.give(a_record());
  fixture.answer(Error(Errc::unavailable, "no broker"));
  fixture.give(a_record());
  CHECK(fixture.consumer->commits.size() == 1);
  fixture.loop.run_for(std::chrono::milliseconds(100));
  REQUIRE(fixture.consumer->commits.size() == 2);
  CHECK(fixture.consumer->commits.back().next_offsets == orders(2));
}

TEST_CASE("A commit that is refused is not tried again") {
  Fixture fixture;
  fixture.give(a_record());
  fixture.answer(Error(Errc::fenced, "another owner"));
  fixture.loop.run_for(std::chrono::seconds(5));
  CHECK(fixture.consumer->commits.size() == 1);
  fixture.pump.stop();
  fixture.loop.run_ready();
  CHECK(fixture.ended);
}
