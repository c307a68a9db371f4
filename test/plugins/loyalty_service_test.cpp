#include "module.hpp"
#include "support/catch.hpp"
#include "world.hpp"

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::seconds;

namespace {

const std::string service = "loyalty-service";
const std::string group = "loyalty-group";

std::int64_t points(const World& world, const std::string& instance = "loyalty-1") {
  return world.report(instance).at("points").as_int64();
}

}  // namespace

TEST_CASE("Points come with new orders only: not with retries, updates, deletions, nor with what is no order") {
  World world({loyalty_kind()});
  world.start("loyalty-1");
  world.order("Alice", 2'599);
  world.run_for(seconds(1));
  const auto first = world.read(topics::orders).front();
  const std::string id(*first.record->key());
  const std::int64_t earned = points(world);
  CHECK(earned > 0);
  world.produce(topics::orders, EventWriter::retry(first, 1));
  world.order("Alice", 9'999, OrderAction::updated, id);
  world.order("Alice", 9'999, OrderAction::deleted, id);
  world.produce(topics::orders, Record("k", "no json"));
  world.produce(topics::orders, Record("k", std::nullopt));
  world.order("Alice", 0);
  world.run_for(seconds(1));
  CHECK(points(world) == earned);
  CHECK(world.audit_of(service).size() == 1);
  CHECK(world.caught_up(group));
}

TEST_CASE("A POINTS_ADDED record tells which order it follows from and carries its trace") {
  World world({loyalty_kind()});
  world.start("loyalty-1");
  world.order("Alice", 1'000);
  world.run_for(seconds(1));
  const Record& cause = *world.read(topics::orders).front().record;
  const Record& given = *world.read(topics::audit).front().record;
  CHECK(given.key() == cause.key());
  CHECK(find_header(given.headers, headers::ce_causationid) == find_header(cause.headers, headers::ce_id));
  CHECK(find_header(given.headers, headers::ce_source) == service);
  const auto trace_of = [](const Record& record) { return find_traceparent(record.headers).value().trace_id(); };
  CHECK(trace_of(given) == trace_of(cause));
}

TEST_CASE("Balances are the same after a restart, a crash and for a second member, and nothing is given twice") {
  World world({loyalty_kind()});
  world.start("loyalty-1");
  for (int i = 0; i < 20; ++i) world.order(i % 2 == 0 ? "Alice" : "Bob", 100 * i);
  world.run_for(seconds(1));
  const json::object before = world.report("loyalty-1");
  CHECK(before.at("customers").as_int64() == 2);
  const std::size_t given = world.audit_of(service).size();
  CHECK(given == 19);  // the first cost nothing

  SECTION("a restart") {
    world.stop("loyalty-1");
    world.restart("loyalty-1");
  }
  SECTION("a crash") {
    world.crash("loyalty-1");
    world.restart("loyalty-1");
  }
  SECTION("a second member") {
    world.start("loyalty-2");
    world.run_for(seconds(1));
    CHECK(world.report("loyalty-2") == before);
  }
  SECTION("work that is done once more, for its commit was lost") {
    world.stop("loyalty-1");
    world.rewind(group);
    world.restart("loyalty-1");
    world.run_for(seconds(15));
    CHECK(world.audit_of(service).size() == 2 * given);  // the log holds it twice, under the same ids
    CHECK(world.report("loyalty-1") == before);
    return;
  }
  world.run_for(seconds(15));
  CHECK(world.report("loyalty-1") == before);
  CHECK(world.audit_of(service).size() == given);
}

TEST_CASE("Another pointsPerUnit counts from the next order on; points that were given stay") {
  World world({loyalty_kind()});
  world.start("loyalty-1", {{"pointsPerUnit", std::int64_t(2)}});
  world.order("Alice", 1'000);
  world.run_for(seconds(1));
  const std::int64_t first = points(world);
  world.supervisor().configure("loyalty-1", {{"pointsPerUnit", std::int64_t(6)}}).value();
  world.order("Alice", 1'000);
  world.run_for(seconds(1));
  CHECK(points(world) == 4 * first);
  world.crash("loyalty-1");
  world.restart("loyalty-1");
  world.run_for(seconds(15));
  CHECK(points(world) == 4 * first);
}

TEST_CASE("What another service says on audit gives no points") {
  World world({loyalty_kind()});
  world.start("loyalty-1");
  EventWriter events(world.loop.clock, *world.ids, "generous-service");
  world.produce(topics::audit, events.originate("x", "k", R"({"customerName":"Mallory","points":5})"));
  world.produce(topics::audit, Record("k", R"({"customerName":"Mallory","points":5})"));
  EventWriter impostor(world.loop.clock, *world.ids, service);
  world.produce(topics::audit, impostor.originate("x", "k", R"({"customerName":"Mallory","points":5})"));
  world.run_for(seconds(1));
  CHECK(points(world) == 0);
}
