#include "module.hpp"
#include "support/catch.hpp"
#include "support/edit_record.hpp"
#include "world.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <regex>
#include <set>

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

const std::string service = "fraud-service";
const std::string group = "fraud-group";

/// 40 orders in 80 s by 3 customers, one of them expensive: enough for each kind of alert and for windows that move.
/// `at` is called before each, to disturb.
std::set<std::string> verdicts_of(World& world, const std::function<void(int)>& at = {}) {
  for (int i = 0; i < 40; ++i) {
    if (at) at(i);
    world.order(std::string(1, static_cast<char>('A' + i % 3)), i % 10 == 0 ? 20'000 : 1'000);
    world.run_for(i < 30 ? milliseconds(700) : seconds(6));
  }
  REQUIRE(world.run_until([&] { return world.caught_up(group); }));
  const auto lines = world.audit_of(service);
  return std::set<std::string>(lines.begin(), lines.end());
}

/// What stands in one of them only.
std::vector<std::string> difference(const std::set<std::string>& a, const std::set<std::string>& b) {
  std::vector<std::string> only;
  std::set_symmetric_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only));
  return only;
}

std::set<std::string> undisturbed() {
  World world({fraud_kind()});
  world.start("fraud-1");
  const auto verdicts = verdicts_of(world);
  REQUIRE(verdicts.size() == 40);
  REQUIRE(world.audit_of(service).size() == 40);
  return verdicts;
}

}  // namespace

TEST_CASE("The 6th order of a customer in a minute raises VELOCITY, a minute later there is none") {
  World world({fraud_kind()});
  world.start("fraud-1");
  for (int i = 0; i < 6; ++i) world.order("Alice");
  world.run_for(seconds(1));
  auto verdicts = world.audit_of(service);
  REQUIRE(verdicts.size() == 6);
  CHECK(verdicts[4].starts_with("FRAUD_CHECK_PASSED"));
  CHECK(verdicts[5].starts_with("FRAUD_ALERT"));
  CHECK(verdicts[5].ends_with("Alice placed 6 orders in 1 minute"));
  world.run_for(seconds(60));
  world.order("Alice");
  world.run_for(seconds(1));
  CHECK(world.audit_of(service).back().starts_with("FRAUD_CHECK_PASSED"));
  CHECK(world.report("fraud-1").at("windows").at("orders").to_number<int>() == 1);
  CHECK(world.report("fraud-1").at("lastAlerts").as_array().size() == 1);
}

TEST_CASE("Updates, deletions, retries and unreadable records are not judged, but committed") {
  World world({fraud_kind()});
  world.start("fraud-1");
  const std::string id = world.ids->uuid();
  world.order("Alice", 1'000, OrderAction::created, id);
  world.order("Alice", 1'000, OrderAction::updated, id);
  world.order("Alice", 1'000, OrderAction::deleted, id);
  const auto first = world.read(topics::orders).front();
  world.produce(topics::orders, EventWriter::retry(first, 1));
  world.produce(topics::orders, Record("k", "no json"));
  world.produce(topics::orders, Record("k", std::nullopt));
  world.run_for(seconds(1));
  CHECK(world.audit_of(service).size() == 1);
  CHECK(world.caught_up(group));
}

TEST_CASE("An event that the log holds twice gets one verdict and counts once") {
  World world({fraud_kind()});
  world.start("fraud-1");
  world.order("Alice");
  const Record again = *world.read(topics::orders).front().record;
  for (int i = 0; i < 10; ++i) world.produce(topics::orders, again);
  world.run_for(seconds(1));
  CHECK(world.audit_of(service).size() == 1);
  CHECK(world.caught_up(group));
}

TEST_CASE("A record from the future holds up nobody and empties no window") {
  World world({fraud_kind()});
  world.start("fraud-1");
  for (int i = 0; i < 5; ++i) world.order("Alice");
  world.run_for(seconds(1));
  OrderEvent event;
  event.order.id = world.ids->uuid();
  event.order.customer_name = "Mallory";
  event.order.item = "Soup";
  event.order.quantity = 1;
  event.order.status = "created";
  event.timestamp = event.order.created_at = world.loop.clock.now() + std::chrono::hours(1'000);
  Record record(event.order.id, to_json(event));
  record.headers.add(headers::ce_time, to_iso_micros(event.timestamp));
  world.produce(topics::orders, record);
  world.run_for(seconds(1));
  world.order("Alice");
  world.run_for(seconds(1));
  const auto verdicts = world.audit_of(service);
  REQUIRE(verdicts.size() == 7);
  CHECK(verdicts.back().ends_with("Alice placed 6 orders in 1 minute"));
  CHECK(world.caught_up(group));
  world.run_for(std::chrono::minutes(2));
  world.order("Bob");
  world.run_for(seconds(1));
  CHECK(world.report("fraud-1").at("windows").at("orders") == 1);  // that of the future is forgotten, too
}

TEST_CASE("After a crash the windows are complete, whatever time the first record bears that was not committed") {
  World world({fraud_kind()});
  world.start("fraud-1");
  for (int i = 0; i < 5; ++i) world.order("Alice");
  world.run_for(seconds(1));
  REQUIRE(world.caught_up(group));
  world.crash("fraud-1");
  for (int key = 0; key < 30; ++key) {  // in each partition some
    Record strange(std::to_string(key), "no json");
    strange.timestamp = world.loop.clock.now() + std::chrono::hours(1);
    world.produce(topics::orders, std::move(strange));
  }
  world.order("Alice");
  world.run_for(std::chrono::minutes(2));
  world.restart("fraud-1");
  world.run_for(seconds(15));
  const auto verdicts = world.audit_of(service);
  REQUIRE(verdicts.size() == 6);
  CHECK(verdicts.back().ends_with("Alice placed 6 orders in 1 minute"));
  CHECK(world.caught_up(group));
}

TEST_CASE("Crash, takeover, restart, a second member and another that leaves change no verdict") {
  const auto expected = undisturbed();
  World world({fraud_kind()});
  world.start("fraud-1");

  SECTION("a crash and a restart") {
    const auto verdicts = verdicts_of(world, [&](int i) {
      if (i == 15) world.crash("fraud-1");
      if (i == 22) world.restart("fraud-1");
    });
    CHECK(difference(verdicts, expected) == std::vector<std::string>());
  }
  SECTION("a stop and a restart") {
    const auto verdicts = verdicts_of(world, [&](int i) {
      if (i == 15) world.stop("fraud-1");
      if (i == 35) world.restart("fraud-1");
    });
    CHECK(difference(verdicts, expected) == std::vector<std::string>());
  }
  SECTION("two members") {
    world.start("fraud-2");
    CHECK(difference(verdicts_of(world), expected) == std::vector<std::string>());
    CHECK(world.report("fraud-1").at("emitted").as_int64() > 0);
    CHECK(world.report("fraud-2").at("emitted").as_int64() > 0);
  }
  SECTION("a member that joins, and a takeover after a crash") {
    const auto verdicts = verdicts_of(world, [&](int i) {
      if (i == 10) world.start("fraud-2");
      if (i == 25) world.crash("fraud-1");
    });
    CHECK(difference(verdicts, expected) == std::vector<std::string>());
    CHECK(world.report("fraud-2").at("emitted").as_int64() > 0);
  }
  SECTION("a pause") {
    const auto verdicts = verdicts_of(world, [&](int i) {
      if (i == 15) world.supervisor().pause("fraud-1", true).value();
      if (i == 25) world.supervisor().pause("fraud-1", false).value();
    });
    CHECK(difference(verdicts, expected) == std::vector<std::string>());
  }
  SECTION("all committed offsets forgotten") {
    const auto verdicts = verdicts_of(world, [&](int i) {
      if (i != 30) return;
      world.stop("fraud-1");
      world.rewind(group);
      world.restart("fraud-1");
    });
    CHECK(difference(verdicts, expected) == std::vector<std::string>());  // repeated, word for word
    CHECK(world.audit_of(service).size() > 40);
  }
}

TEST_CASE("Each member reports the last alerts of all, once, whoever emitted them") {
  World world({fraud_kind()});
  world.start("fraud-1");
  world.start("fraud-2");
  world.run_for(seconds(1));
  for (int i = 0; i < 12; ++i) world.order("customer " + std::to_string(i), 1'000'00);
  world.run_for(seconds(1));
  CHECK(world.audit_of(service).size() == 12);
  CHECK(world.report("fraud-1").at("emitted").as_int64() < 12);
  CHECK(world.report("fraud-1").at("lastAlerts").as_array().size() == 12);
  CHECK(world.report("fraud-2").at("lastAlerts").as_array().size() == 12);
  world.stop("fraud-1");
  world.run_for(seconds(1));
  CHECK(world.report("fraud-2").at("lastAlerts").as_array().size() == 12);
}

TEST_CASE("A long backlog, read in large pieces, gives the verdicts that it would have given live") {
  std::set<std::string> live;
  std::set<std::string> later;
  for (const bool from_backlog : {false, true}) {
    World world({fraud_kind()});
    if (!from_backlog) world.start("fraud-1");
    for (int i = 0; i < 2'000; ++i) {
      world.order("customer " + std::to_string(i % 50));
      if (i % 4 == 0) world.run_for(milliseconds(100));
    }
    if (from_backlog) world.start("fraud-1");
    REQUIRE(world.run_until([&] { return world.caught_up(group); }));
    const auto lines = world.audit_of(service);
    (from_backlog ? later : live).insert(lines.begin(), lines.end());
    CHECK(world.report("fraud-1").at("late").as_int64() == 0);
  }
  CHECK(live.size() == 2'000);
  CHECK(difference(live, later) == std::vector<std::string>());
}

TEST_CASE("A replay reads all orders again, writes nothing and finds no difference, or the one that there is") {
  World world({fraud_kind()});
  world.start("fraud-1");
  verdicts_of(world);
  const std::size_t before = world.read(topics::audit).size();
  auto summary = world.result_of(world.supervisor().replay("fraud-1"));
  REQUIRE(summary.has_value());
  CHECK(summary->at("orders").as_int64() == 40);
  CHECK(summary->at("alerts").as_int64() > 0);
  CHECK(summary->at("differences").as_array().empty());
  CHECK(world.read(topics::audit).size() == before);
  const json::object report = world.report("fraud-1");
  CHECK(report.at("replay").at("state").as_string() == "done");
  CHECK(report.at("replay").at("done").as_int64() == 40);
  CHECK(report.at("replay").at("summary").as_object() == *summary);

  world.supervisor().configure("fraud-1", {{"amountLimit", 1'000.0}}).value();
  summary = world.result_of(world.supervisor().replay("fraud-1"));
  REQUIRE(summary.has_value());
  CHECK(summary->at("differenceCount").as_int64() == 4);  // the expensive ones
}

TEST_CASE("A replay judges an event again that came again after its window, and finds both verdicts") {
  World world({fraud_kind()});
  world.start("fraud-1");
  const Position first = world.order("Alice", 20'000);
  world.run_for(seconds(61));
  for (int i = 0; i < 5; ++i) world.order("Alice");
  const auto orders = world.read(topics::orders);
  const auto placed = std::find_if(orders.begin(), orders.end(), [&](const auto& o) { return o.position == first; });
  Record again = *placed->record;
  set_value(again, std::regex_replace(std::string(*again.value()), std::regex(R"("timestamp":"[^"]*")"),
                                      R"("timestamp":")" + std::string(to_iso_millis(world.loop.clock.now())) + '"'));
  again.headers.replace(headers::ce_time, to_iso_micros(world.loop.clock.now()));
  again.timestamp = Timestamp();
  world.produce(topics::orders, again);
  world.run_for(seconds(1));
  const auto verdicts = world.audit_of(service);
  REQUIRE(verdicts.size() == 7);
  CHECK(verdicts.front().find("placed") == std::string::npos);
  CHECK(verdicts.back().find("Alice placed 6 orders in 1 minute") != std::string::npos);
  const auto summary = world.result_of(world.supervisor().replay("fraud-1"));
  REQUIRE(summary.has_value());
  CHECK(summary->at("orders").as_int64() == 7);
  CHECK(summary->at("differences").as_array().empty());
}

TEST_CASE("Each replay reads in a fresh group, which is gone when it is done") {
  World world({fraud_kind()});
  world.start("fraud-1");
  verdicts_of(world);
  std::set<std::string> used;
  for (int i = 0; i < 2; ++i) {
    const auto summary = world.result_of(world.supervisor().replay("fraud-1"));
    REQUIRE(summary.has_value());
    CHECK(summary->at("differences").as_array().empty());
    used.emplace(world.report("fraud-1").at("replay").at("group").as_string());
  }
  CHECK(used.size() == 2);
  for (const std::string& name : used) CHECK(name.starts_with("fraud-replay-"));
  const auto groups = world.result_of(world.bus->admin().groups());
  REQUIRE(groups.has_value());
  REQUIRE(groups->size() == 1);
  CHECK(groups->front().group == "fraud-group");
}

TEST_CASE("A replay by a process of its own finds the same, and neither joins the group nor writes anything") {
  ModuleKind replays = fraud_replay_kind();
  replays.name = "replays";
  World world({fraud_kind(), replays});
  world.start("fraud-1");
  verdicts_of(world);
  const auto members = [&] {
    std::vector<std::string> ids;
    const auto groups = world.result_of(world.bus->admin().groups());
    for (const GroupDescription& described : groups.value())
      for (const MemberDescription& member : described.members) ids.push_back(member.member_id);
    return ids;
  };
  const std::vector<std::string> before = members();
  REQUIRE(before.size() == 1);

  world.start("replays-1");
  const auto summary = world.result_of(world.supervisor().replay("replays-1"));
  REQUIRE(summary.has_value());
  CHECK(summary->at("orders").as_int64() == 40);
  CHECK(summary->at("differenceCount").as_int64() == 0);
  CHECK(world.report("replays-1").at("replay").at("done").as_int64() == 40);
  world.order("Alice");
  world.run_for(seconds(20));
  CHECK(members() == before);
  CHECK(world.audit_of(service).size() == 41);
  world.stop("replays-1");
}
