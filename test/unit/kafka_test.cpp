// What the Kafka bus makes of failures that no test can ask of a broker.
#include "bus_kafka/client.hpp"
#include "bus_kafka/coordinators.hpp"
#include "bus_kafka/group_admin.hpp"
#include "bus_kafka/producer.hpp"
#include "support/catch.hpp"

#include <librdkafka/rdkafka_mock.h>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <future>

using namespace foodorder;
using namespace foodorder::kafka;

namespace {

/// A client of a mock cluster, and the loop that it lives on.
class Fixture {
 public:
  explicit Fixture(std::string setting = "test.mock.num.brokers=1") {
    KafkaBusOptions options;
    options.brokers = "localhost:1";
    options.settings = {std::move(setting)};
    client = std::make_shared<Client>(loop.get_executor(), *clock, options);
    cluster = rd_kafka_handle_mock_cluster(client->producer().get());
    client->start();
  }
  ~Fixture() {
    if (!client->stopped()) client->stop();
  }
  Fixture(const Fixture&) = delete;
  Fixture& operator=(const Fixture&) = delete;

  /// Runs the loop until it is true, or until a hang is certain.
  template <class Condition>
  bool eventually(Condition condition) {
    const Timestamp deadline = clock->now() + std::chrono::seconds(60);
    while (!condition() && clock->now() < deadline) loop.run_one_for(std::chrono::milliseconds(10));
    return condition();
  }

  /// What becomes of a record, if it is known.
  std::shared_ptr<std::optional<Result<Position>>> send(Producer& producer) {
    auto outcome = std::make_shared<std::optional<Result<Position>>>();
    asio::co_spawn(loop, send_one(producer, outcome), asio::detached);
    return outcome;
  }

  Result<Position> sent(Producer& producer) {
    const auto outcome = send(producer);
    REQUIRE(eventually([&] { return outcome->has_value(); }));
    return **outcome;
  }

  asio::io_context loop;
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(loop);
  std::unique_ptr<Clock> clock = make_system_clock(loop.get_executor());
  std::shared_ptr<Client> client;
  rd_kafka_mock_cluster_t* cluster = nullptr;

 private:
  static Task<> send_one(Producer& producer, std::shared_ptr<std::optional<Result<Position>>> outcome) {
    ProducerRecord record("orders", Record("key", "value"));
    auto result = co_await producer.send(std::move(record));
    *outcome = std::move(result);
  }
};

using Offsets = std::vector<GroupOffsets>;

Result<Offsets> ask_offsets(Coordinators& coordinators) {
  return coordinators.ask<Offsets>([](rd_kafka_t* rk) { return committed_offsets(rk, {"group"}); });
}

}  // namespace

TEST_CASE("A broker that is not the group's coordinator is not asked again, the right one is") {
  const Fixture fixture;
  Coordinators coordinators(fixture.client);
  constexpr std::int16_t offset_fetch = 9;
  // Asked by a producer this ends the process.
  rd_kafka_mock_push_request_errors(fixture.cluster, offset_fetch, 2, RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
                                    RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  const auto offsets = ask_offsets(coordinators);
  REQUIRE(offsets.has_value());
  CHECK(offsets->size() == 1);
}

TEST_CASE("A coordinator that was away for longer than we wait does no harm when it is back") {
  Fixture fixture;
  Coordinators coordinators(fixture.client);
  REQUIRE(ask_offsets(coordinators).has_value());
  rd_kafka_mock_broker_set_down(fixture.cluster, 1);
  REQUIRE(fixture.eventually([&] { return fixture.client->known_down(); }));
  const auto away = ask_offsets(coordinators);
  REQUIRE_FALSE(away.has_value());
  CHECK(away.error().code == Errc::unavailable);
  rd_kafka_mock_broker_set_up(fixture.cluster, 1);
  CHECK(ask_offsets(coordinators).has_value());
}

TEST_CASE("A producer that has failed for good says so, and another takes its place") {
  Fixture fixture;
  REQUIRE(fixture.client->mock()->create(TopicSpec("orders", 1)).has_value());
  const auto producer = make_producer(fixture.client, ProducerSpec("test"));
  REQUIRE(fixture.sent(*producer).has_value());
  REQUIRE(fixture.eventually([&] { return !fixture.client->trouble(); }));

  rd_kafka_mock_broker_set_rtt(fixture.cluster, 1, 200);
  const auto on_its_way = fixture.send(*producer);
  const Instance failed = fixture.client->producer();
  rd_kafka_test_fatal_error(failed.get(), RD_KAFKA_RESP_ERR_OUT_OF_ORDER_SEQUENCE_NUMBER, "planted");
  const auto refused = fixture.sent(*producer);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().code == Errc::unavailable);
  REQUIRE(fixture.eventually([&] { return fixture.client->trouble().has_value(); }));
  CHECK(fixture.client->trouble()->find("the producer has failed") != std::string::npos);
  CHECK(fixture.eventually([&] { return on_its_way->has_value(); }));

  REQUIRE(fixture.eventually([&] { return fixture.client->producer() != failed; }));
  CHECK(fixture.sent(*producer).has_value());
  CHECK(fixture.eventually([&] { return !fixture.client->trouble(); }));
}

TEST_CASE("A call that blocks does not hold up the end") {
  Fixture fixture("socket.keepalive.enable=true");
  struct Call {
    std::promise<void> release;
    std::promise<void> begun;
    std::atomic<bool> ended = false;
  };
  const auto call = std::make_shared<Call>();
  const auto ask = [&]() -> Task<> {
    std::function<int()> job = [call] {
      call->begun.set_value();
      call->release.get_future().wait_for(std::chrono::seconds(60));
      call->ended = true;
      return 0;
    };
    co_await Client::off_loop<int>(fixture.client, std::move(job));
  };
  asio::co_spawn(fixture.loop, ask(), asio::detached);
  fixture.loop.poll();
  call->begun.get_future().wait();
  fixture.client->stop();
  CHECK_FALSE(call->ended);
  call->release.set_value();
}
