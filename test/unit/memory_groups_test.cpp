#include "bus_memory/memory_bus.hpp"
#include "support/catch.hpp"
#include "support/memory_world.hpp"

#include <boost/asio/detached.hpp>

using namespace foodorder;
using std::chrono::days;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Names = std::vector<std::string>;

namespace {

constexpr Duration retention = seconds(60);

Task<> listen(Consumer& consumer, std::optional<Error>& ended) {
  for (;;) {
    auto event = co_await consumer.next();
    if (event) continue;
    ended = event.error();
    co_return;
  }
}

MemoryBusOptions at_most(std::size_t groups) {
  MemoryBusOptions options;
  options.groups_max = groups;
  return options;
}

/// A member of a group that follows `orders`.
struct Member {
  Member(VirtualLoop& where, EventBus& bus, ConsumerSpec spec) : loop(where), consumer(bus.subscribe(std::move(spec))) {
    asio::co_spawn(loop.context, listen(*consumer, ended), asio::detached);
    loop.run_ready();
  }
  void leave() {
    asio::co_spawn(loop.context, consumer->close(), asio::detached);
    loop.run_ready();
  }

  VirtualLoop& loop;
  std::unique_ptr<Consumer> consumer;
  std::optional<Error> ended;
};

struct World : test::MemoryWorld {
  explicit World(const MemoryBusOptions& options = {}) : MemoryWorld(options) {
    std::vector<TopicSpec> topics;
    topics.emplace_back("orders", 1).config = {{"retention.ms", std::to_string(retention / milliseconds(1))}};
    make_topics(std::move(topics));
  }

  std::unique_ptr<Member> join(const std::string& group, Duration session_timeout = seconds(10)) {
    ConsumerSpec spec("member", {"orders"});
    spec.group = group;
    spec.session_timeout = session_timeout;
    return std::make_unique<Member>(loop, *bus, std::move(spec));
  }
  /// Sets an offset, which makes the group.
  Result<void> reset(const std::string& group) {
    std::vector<Position> offsets;
    offsets.emplace_back(TopicPartition("orders", 0), 0);
    return loop.run(bus->admin().reset_offsets(group, std::move(offsets))).value();
  }
  Names groups() {
    Names names;
    for (const GroupDescription& group : loop.run(bus->admin().groups()).value().value()) names.push_back(group.group);
    return names;
  }
  void send(int records) {
    const auto producer = bus->producer(ProducerSpec("test"));
    for (int i = 0; i < records; ++i) {
      ProducerRecord record("orders", Record("key", "value"));
      loop.run(producer->send(std::move(record))).value().value();
    }
  }
  void commit(Member& member, std::int64_t offset) {
    std::vector<Position> offsets;
    offsets.emplace_back(TopicPartition("orders", 0), offset);
    loop.run(member.consumer->commit(std::move(offsets))).value().value();
  }
  /// What the only group missed of the only partition.
  std::int64_t removed_before_read() {
    return loop.run(bus->admin().groups()).value().value().at(0).partitions.at(0).removed_before_read;
  }
  void pass(Duration duration) {
    loop.clock.advance(duration);
    loop.run_ready();
  }
};

}  // namespace

TEST_CASE("A group without members is forgotten after a week, by the bus's clock") {
  World world;
  const auto member = world.join("left");
  world.pass(days(30));
  CHECK(world.groups() == Names{"left"});
  member->leave();
  world.pass(days(7) - milliseconds(1));
  CHECK(world.groups() == Names{"left"});
  world.pass(milliseconds(1));
  CHECK(world.groups().empty());
  CHECK(world.loop.run(world.bus->admin().delete_group("left"))->error().code == Errc::not_found);
}

TEST_CASE("A group whose last member crashed is forgotten a week after its session ended") {
  World world;
  auto member = world.join("crashed");
  world.pass(seconds(1));
  member.reset();
  world.loop.run_for(seconds(11));
  CHECK(world.groups() == Names{"crashed"});
  world.pass(days(7) - seconds(3));
  CHECK(world.groups() == Names{"crashed"});
  world.pass(seconds(3));
  CHECK(world.groups().empty());
}

TEST_CASE("Offsets that were set keep their group for a week more; a member that comes late finds none") {
  World world;
  world.reset("set").value();
  world.pass(days(6));
  world.reset("set").value();
  world.pass(days(6));
  CHECK(world.groups() == Names{"set"});
  world.pass(days(1));
  const auto member = world.join("set");
  const auto groups = world.loop.run(world.bus->admin().groups()).value().value();
  REQUIRE(groups.size() == 1);
  CHECK_FALSE(groups.front().partitions.front().committed.has_value());
}

TEST_CASE("Beyond the most groups, the one without members for longest makes room") {
  World world(at_most(3));
  const auto member = world.join("a");
  for (const char* name : {"c", "b"}) {
    world.reset(name).value();
    world.pass(seconds(1));
  }
  CHECK(world.groups() == Names{"a", "b", "c"});
  world.reset("d").value();
  CHECK(world.groups() == Names{"a", "b", "d"});
  const auto second = world.join("e");
  CHECK(world.groups() == Names{"a", "d", "e"});
}

TEST_CASE("Where all groups have members, one more is refused with the number, and a retry succeeds later") {
  World world(at_most(2));
  const auto first = world.join("a");
  const auto second = world.join("b");
  const auto refused = world.join("c");
  REQUIRE(refused->ended.has_value());
  CHECK(refused->ended->code == Errc::queue_full);
  CHECK(refused->ended->message.find("2 groups") != std::string::npos);
  CHECK(world.reset("c").error().code == Errc::queue_full);
  CHECK(world.groups() == Names{"a", "b"});
  CHECK_FALSE(first->ended.has_value());

  first->leave();
  asio::co_spawn(world.loop.context, listen(*refused->consumer, refused->ended), asio::detached);
  world.loop.run_ready();
  CHECK(world.groups() == Names{"b", "c"});
}

TEST_CASE("A session timeout below the bus's shortest is refused, the shortest is not") {
  World world;
  const Duration shortest = world.bus->features().session_timeout_min;
  const auto refused = world.join("group", shortest - milliseconds(1));
  REQUIRE(refused->ended.has_value());
  CHECK(refused->ended->code == Errc::invalid_argument);
  CHECK(refused->ended->message.find("99 ms") != std::string::npos);
  CHECK(world.groups().empty());
  const auto taken = world.join("group", shortest);
  CHECK_FALSE(taken->ended.has_value());
  CHECK(world.groups() == Names{"group"});
}

TEST_CASE("A commit before the first next() is refused and makes no group") {
  World world;
  ConsumerSpec spec("member", {"orders"});
  spec.group = "group";
  const auto consumer = world.bus->subscribe(std::move(spec));
  std::vector<Position> offsets;
  offsets.emplace_back(TopicPartition("orders", 0), 0);
  const auto committed = world.loop.run(consumer->commit(std::move(offsets)));
  CHECK(committed->error().code == Errc::fenced);
  CHECK(world.groups().empty());
}

TEST_CASE("A consumer outlives the group that forgot it") {
  World world(at_most(1));
  auto held = world.join("a");
  held->leave();
  const auto other = world.join("b");
  CHECK(world.groups() == Names{"b"});
  held.reset();
  other->leave();
  CHECK(world.groups() == Names{"b"});
}

// ------------------------------------------------------------------------------- what retention removes unread

TEST_CASE("What retention removes while a group has no member is counted from its committed offset on") {
  World world;
  world.send(5);
  const auto member = world.join("group");
  world.commit(*member, 3);
  member->leave();
  world.loop.run_for(retention + seconds(2));
  CHECK(world.removed_before_read() == 2);
  const auto again = world.join("group");
  world.send(1);
  world.loop.run_for(retention + seconds(2));
  CHECK(world.removed_before_read() == 2);
}

TEST_CASE("What a member read and never committed counts as unread once it is gone") {
  World world;
  world.send(5);
  auto member = world.join("group");
  member.reset();  // a crash
  world.loop.run_for(seconds(11));
  world.loop.run_for(retention);
  CHECK(world.removed_before_read() == 5);
}

TEST_CASE("A member that is paused misses what retention removes, but not what it has committed") {
  World world;
  const auto member = world.join("group");
  member->consumer->pause({TopicPartition("orders", 0)});
  world.send(5);
  world.commit(*member, 3);  // it read them another way
  world.loop.run_for(retention + seconds(2));
  CHECK(world.removed_before_read() == 2);
}

TEST_CASE("A group that begins at the end has not missed what was there before") {
  World world;
  world.send(5);
  ConsumerSpec spec("member", {"orders"});
  spec.group = "group";
  spec.offset_reset = ConsumerSpec::OffsetReset::latest;
  const Member member(world.loop, *world.bus, std::move(spec));
  world.loop.run_for(retention + seconds(2));
  CHECK(world.removed_before_read() == 0);
}
