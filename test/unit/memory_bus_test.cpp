#include "bus_memory/memory_bus.hpp"
#include "base/fault_domain.hpp"
#include "support/catch.hpp"
#include "support/memory_world.hpp"

#include <boost/asio/detached.hpp>
#include <deque>

using namespace foodorder;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// An executor that can hold back what it is given.
class Holding {
 public:
  explicit Holding(asio::io_context& loop) : loop_(loop) {}

  struct executor_type {
    template <class Function>
    void execute(Function&& function) const {
      auto handler = std::make_shared<std::decay_t<Function>>(std::forward<Function>(function));
      to->held_.emplace_back([handler] { std::move (*handler)(); });
      if (!to->holds) to->release();
    }
    asio::execution_context& query(asio::execution::context_t) const noexcept { return to->loop_; }
    static constexpr asio::execution::blocking_t::never_t query(asio::execution::blocking_t) noexcept {
      return asio::execution::blocking.never;
    }
    executor_type require(asio::execution::blocking_t::never_t) const noexcept { return *this; }
    friend bool operator==(const executor_type&, const executor_type&) noexcept = default;

    Holding* to;
  };
  executor_type get_executor() noexcept { return executor_type{this}; }

  void release() {
    holds = false;
    for (auto& handler : std::exchange(held_, {})) asio::post(loop_, std::move(handler));
  }
  bool holds = false;

 private:
  asio::io_context& loop_;
  std::deque<std::function<void()>> held_;
};

struct Heard {
  std::vector<std::string> values;
  std::vector<Assigned> assigned;
  std::vector<Revoked> revoked;
  std::optional<Errc> ended;
};

Task<> listen(Consumer& consumer, Heard& heard) {
  for (;;) {
    auto event = co_await consumer.next();
    if (!event) {
      heard.ended = event.error().code;
      co_return;
    }
    if (const auto* batch = std::get_if<Records>(&*event))
      for (const ConsumerRecord& read : batch->records) heard.values.emplace_back(*read.record->value());
    if (const auto* assigned = std::get_if<Assigned>(&*event)) heard.assigned.push_back(*assigned);
    if (const auto* revoked = std::get_if<Revoked>(&*event)) heard.revoked.push_back(*revoked);
  }
}

Task<> send_later(Producer& producer, std::vector<std::optional<Result<Position>>>& results, std::size_t place) {
  ProducerRecord record("orders", Record("key", "value"));
  auto result = co_await producer.send(std::move(record));
  results[place] = std::move(result);
}

/// A bus in virtual time with a topic of three partitions.
struct World : test::MemoryWorld {
  std::unique_ptr<Producer> producer = bus->producer(ProducerSpec("test"));

  World() { make(TopicSpec("orders", 3)); }

  void make(TopicSpec spec) {
    std::vector<TopicSpec> topics;
    topics.push_back(std::move(spec));
    make_topics(std::move(topics));
  }
  void send(std::string topic, std::int32_t partition, std::string value) {
    ProducerRecord record(std::move(topic), Record("key", value));
    record.partition = partition;
    const auto sent = loop.run(producer->send(std::move(record)));
    REQUIRE(sent->has_value());
  }
  std::unique_ptr<Consumer> member(std::string client_id) {
    ConsumerSpec spec(std::move(client_id), {"orders"});
    spec.group = "group";
    return bus->subscribe(std::move(spec));
  }
  GroupDescription group() { return (**loop.run(bus->admin().groups())).at(0); }
  std::int64_t records(std::size_t topic) {
    return (**loop.run(bus->admin().topics())).at(topic).partitions.at(0).records;
  }
  Errc commit(Consumer& consumer, std::int32_t partition, std::int64_t offset) {
    std::vector<Position> positions;
    positions.emplace_back(TopicPartition("orders", partition), offset);
    const auto result = *loop.run(consumer.commit(std::move(positions)));
    return result ? Errc() : result.error().code;
  }
};

}  // namespace

TEST_CASE("A member whose domain crashed in next() is missed after its session, and another takes over") {
  World world;
  const auto first = world.member("member-1");
  const auto second = world.member("member-2");
  Heard of_first;
  Heard of_second;
  FaultDomain domain(world.loop.context.get_executor(), "member-1");
  asio::co_spawn(domain.get_executor(), listen(*first, of_first), asio::detached);
  asio::co_spawn(world.loop.context, listen(*second, of_second), asio::detached);
  world.loop.run_for(seconds(30));  // longer than a session: heartbeats keep both
  REQUIRE(of_first.assigned.size() == 1);
  CHECK(of_first.assigned[0].positions.size() == 2);
  REQUIRE(of_second.assigned.size() == 1);
  CHECK(of_second.assigned[0].positions.size() == 1);

  domain.crash();
  world.send("orders", 0, "unread");
  world.loop.run_for(seconds(6));
  CHECK(world.group().members.size() == 2);
  CHECK(of_second.revoked.empty());
  world.loop.run_for(seconds(5));
  CHECK(world.group().members.size() == 1);
  REQUIRE(of_second.assigned.size() == 2);
  CHECK(of_second.assigned[1].positions.size() == 3);
  CHECK(of_second.values == std::vector<std::string>{"unread"});
}

TEST_CASE("A consumer destroyed while its next() is parked harms nobody and is missed after its session") {
  World world;
  auto doomed = world.member("member-1");
  Heard heard;
  asio::co_spawn(world.loop.context, listen(*doomed, heard), asio::detached);
  world.loop.run_ready();
  REQUIRE(heard.assigned.size() == 1);
  doomed.reset();
  world.send("orders", 0, "for nobody");
  CHECK(heard.values.empty());
  CHECK(world.group().members.size() == 1);
  world.loop.run_for(seconds(11));
  CHECK(world.group().state == "Empty");
  CHECK(!heard.ended);
}

TEST_CASE("A member held for longer than its session is fenced, told that it lost, and joins again") {
  World world;
  const auto held = world.member("member-1");
  const auto other = world.member("member-2");
  Heard of_held;
  Heard of_other;
  Holding holding(world.loop.context);
  FaultDomain domain(holding.get_executor(), "member-1");
  asio::co_spawn(domain.get_executor(), listen(*held, of_held), asio::detached);
  asio::co_spawn(world.loop.context, listen(*other, of_other), asio::detached);
  world.loop.run_ready();
  REQUIRE(world.commit(*held, 0, 0) == Errc());
  holding.holds = true;
  world.loop.run_for(seconds(11));
  REQUIRE(of_other.assigned.size() == 2);
  CHECK(world.commit(*held, 0, 0) == Errc::fenced);
  CHECK(held->assignment().empty());
  holding.release();
  world.loop.run_for(seconds(1));
  REQUIRE(of_held.revoked.size() == 1);
  CHECK(of_held.revoked[0].lost);
  CHECK(of_held.revoked[0].partitions.size() == 2);
  CHECK(of_held.assigned.size() == 2);
  CHECK(world.group().members.size() == 2);
}

TEST_CASE("Many appends in a turn wake a parked reader once, and it loses none") {
  World world;
  ConsumerSpec spec("reader", {"orders"});
  spec.poll_max_records = 7;
  const auto reader = world.bus->subscribe(std::move(spec));
  Heard heard;
  asio::co_spawn(world.loop.context, listen(*reader, heard), asio::detached);
  world.loop.run_ready();
  std::vector<ProducerRecord> records;
  for (int i = 0; i < 100; ++i) records.emplace_back("orders", Record("key", std::to_string(i)));
  const auto sent = world.loop.run(world.producer->send_all(std::move(records)));
  REQUIRE(sent->size() == 100);
  CHECK(heard.values.size() == 100);
}

TEST_CASE("A producer destroyed with sends in flight crashes nothing") {
  World world;
  std::vector<std::optional<Result<Position>>> results(1);
  {
    FaultDomain domain(world.loop.context.get_executor(), "producer");
    const auto producer = world.bus->producer(ProducerSpec("crashes"));
    asio::co_spawn(domain.get_executor(), send_later(*producer, results, 0), asio::detached);
    world.loop.context.poll_one();
  }
  world.loop.run_ready();
  CHECK(!results[0]);
}

TEST_CASE("One record more than may be in flight is refused at once and leaves no trace") {
  World world;
  ProducerSpec spec("small");
  spec.in_flight_max_records = 2;
  const auto producer = world.bus->producer(std::move(spec));
  std::vector<ProducerRecord> records;
  for (int i = 0; i < 3; ++i) records.emplace_back("orders", Record({}, "value"));
  const auto results = *world.loop.run(producer->send_all(std::move(records)));
  CHECK(results[1].has_value());
  REQUIRE(!results[2].has_value());
  CHECK(results[2].error().code == Errc::queue_full);
  CHECK(world.records(0) == 1);
}

TEST_CASE("The log shares a record with its sender, and one without a time is copied to get one") {
  World world;
  const auto sent_twice = [&world](ProducerRecord record) {
    record.partition = 0;
    for (int time = 0; time < 2; ++time) {
      REQUIRE(world.loop.run(world.producer->send(record))->has_value());
      world.loop.run_for(seconds(1));
    }
  };
  Record dated("key", "dated");
  dated.timestamp = from_unix_millis(1);
  const ProducerRecord shared("orders", std::move(dated));
  const ProducerRecord undated("orders", Record("key", "undated"));
  sent_twice(shared);
  sent_twice(undated);
  const auto page = *world.loop.run(world.bus->admin().read(TopicPartition("orders", 0), 0, ReadLimits()));
  const std::vector<ConsumerRecord>& read = page->records;
  REQUIRE(read.size() == 4);
  CHECK(read[0].record == shared.record);
  CHECK(read[1].record == shared.record);
  CHECK(read[3].record->timestamp - read[2].record->timestamp == seconds(1));
  CHECK(undated.record->timestamp == Timestamp());
}

TEST_CASE("Housekeeping compacts and expires by the clock") {
  World world;
  TopicSpec status("status", 1, Cleanup::by_compaction);
  status.config = {{"segment.ms", "1000"}, {"min.cleanable.dirty.ratio", "0.01"}, {"delete.retention.ms", "5000"}};
  world.make(std::move(status));
  TopicSpec brief("brief", 1);
  brief.config = {{"retention.ms", "3000"}};
  world.make(std::move(brief));
  world.send("brief", 0, "expires");
  world.send("status", 0, "older");
  world.send("status", 0, "newer");
  constexpr std::size_t brief_topic = 0;
  constexpr std::size_t status_topic = 2;
  CHECK(world.records(status_topic) == 2);
  world.loop.run_for(milliseconds(2100));
  CHECK(world.records(status_topic) == 1);
  CHECK(world.records(brief_topic) == 1);
  world.loop.run_for(milliseconds(2000));
  CHECK(world.records(brief_topic) == 0);
}

TEST_CASE("Timers that are due after the end of their bus do no harm") {
  VirtualLoop loop;
  auto bus = make_memory_bus(loop.context.get_executor(), loop.clock, MemoryBusOptions());
  std::vector<TopicSpec> topics;
  topics.emplace_back("orders", 1);
  const auto made = loop.run(bus->admin().ensure_topics(std::move(topics)));
  REQUIRE(made->has_value());
  {
    const auto producer = bus->producer(ProducerSpec("producer"));
    REQUIRE(loop.run(producer->send(ProducerRecord("orders", Record("key", "value"))))->has_value());
  }
  ConsumerSpec spec("member", {"orders"});
  spec.group = "group";
  auto member = bus->subscribe(std::move(spec));
  Heard heard;
  asio::co_spawn(loop.context, listen(*member, heard), asio::detached);
  loop.run_ready();
  REQUIRE(heard.values.size() == 1);
  member.reset();
  bus.reset();
  loop.clock.advance(std::chrono::days(8));  // a heartbeat, a session, and retention.ms
  loop.run_ready();
  CHECK(!heard.ended);
}
