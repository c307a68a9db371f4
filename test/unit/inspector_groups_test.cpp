#include "inspected.hpp"
#include "inspector/lag_history.hpp"
#include "inspector/reset_plan.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

using namespace foodorder;
using namespace foodorder::test;
using http::Method;
using std::chrono::seconds;

namespace {

const std::string offsets = "/api/bus/groups/g/offsets";

/// A group that has committed 4 of 6 records of partition 0 and nothing of partition 1, which has one.
class Grouped : public Inspected {
 public:
  Grouped() {
    for (int i = 0; i < 6; ++i) {
      put(0, "v");
      loop.run_for(seconds(1));
    }
    put(1, "v");
    commit("g", 0, 4);
  }

  void commit(std::string group, std::int32_t partition, std::int64_t offset) {
    std::vector<Position> next(1, Position(TopicPartition("orders", partition), offset));
    REQUIRE(loop.run(bus->admin().reset_offsets(std::move(group), std::move(next)))->has_value());
  }

  /// Joins the group with a member that stays.
  std::unique_ptr<Consumer> join() {
    ConsumerSpec spec("reader-1", {"orders"});
    spec.group = "g";
    auto consumer = bus->subscribe(std::move(spec));
    asio::co_spawn(loop.context, read(*consumer), asio::detached);
    loop.run_ready();
    return consumer;
  }

  /// "partition: before -> after" of each.
  std::string reset(const std::string& body) {
    const json::value answer = post(offsets, body);
    std::string text;
    for (const json::value& step : answer.at("partitions").as_array())
      text += (text.empty() ? "" : ", ") + serialize_json(step.at("partition")) + ": " +
              serialize_json(step.at("before")) + " -> " + serialize_json(step.at("after"));
    return text;
  }

 private:
  static Task<> read(Consumer& consumer) {
    for (;;) {
      const auto event = co_await consumer.next();
      if (!event) co_return;
    }
  }
};

}  // namespace

TEST_CASE("A reset goes where kafka-consumer-groups would, and says each partition before and after") {
  Grouped grouped;
  CHECK(grouped.reset(R"({"to":"earliest","dryRun":true})") == "0: 4 -> 0");
  CHECK(grouped.reset(R"({"to":"latest","dryRun":true})") == "0: 4 -> 6");
  CHECK(grouped.reset(R"({"to":"current","dryRun":true})") == "0: 4 -> 4");
  CHECK(grouped.reset(R"({"to":"offset","value":2,"dryRun":true})") == "0: 4 -> 2");
  CHECK(grouped.reset(R"({"to":"offset","value":99,"dryRun":true})") == "0: 4 -> 6");
  CHECK(grouped.reset(R"({"to":"shift","value":-1,"dryRun":true})") == "0: 4 -> 3");
  CHECK(grouped.reset(R"({"to":"shift","value":-9223372036854775808,"dryRun":true})") == "0: 4 -> 0");
  CHECK(grouped.reset(R"({"to":"shift","value":9223372036854775807,"dryRun":true})") == "0: 4 -> 6");
  CHECK(grouped.reset(R"({"to":"time","value":"2026-02-02T02:40:02Z","dryRun":true})") == "0: 4 -> 2");
  CHECK(grouped.reset(R"({"to":"time","value":1770000002000,"dryRun":true})") == "0: 4 -> 2");
  CHECK(grouped.reset(R"({"to":"duration","value":"PT3S","dryRun":true})") == "0: 4 -> 3");
  CHECK(grouped.reset(R"({"to":"earliest","topics":["orders"],"dryRun":true})") == "0: 4 -> 0, 1: null -> 0");
  CHECK(grouped.reset(R"({"to":"latest","topics":["orders:1"],"dryRun":true})") == "1: null -> 1");
  grouped.commit("other", 0, 1);
  CHECK(grouped.reset(R"({"to":"group","value":"other","dryRun":true})") == "0: 4 -> 1");
  CHECK(grouped.reset(R"({"to":"group","value":"other","topics":["orders"],"dryRun":true})") == "0: 4 -> 1");
}

TEST_CASE("A dry run changes nothing; without it the offsets are set, also of a group that is new") {
  Grouped grouped;
  grouped.reset(R"({"to":"earliest","dryRun":true})");
  CHECK(grouped.reset(R"({"to":"shift","value":1})") == "0: 4 -> 5");
  CHECK(grouped.reset(R"({"to":"current","dryRun":true})") == "0: 5 -> 5");
  const json::value made = grouped.post("/api/bus/groups/new/offsets", R"({"to":"latest","topics":["orders:0"]})");
  CHECK(made.at("partitions").at(0).at("before").is_null());
  CHECK(grouped.get("/api/bus/groups/new").at("partitions").at(0).at("committedOffset").as_int64() == 6);
}

TEST_CASE("An offset outside the log is moved into it, and that is noted") {
  Grouped grouped;
  const json::value answer = grouped.post(offsets, R"({"to":"offset","value":99,"dryRun":true})");
  CHECK(answer.at("partitions").at(0).at("note").as_string() == "99 is not in the log, which has 0 to 6");
}

TEST_CASE("A group with members is not reset, and the refusal names them; a dry run says that it would be refused") {
  Grouped grouped;
  const auto member = grouped.join();
  const http::Response refused = grouped.ask(Method::post, offsets, "", R"({"to":"earliest"})");
  CHECK(refused.status == 409);
  CHECK(refused.body.find("group g is active: reader-1; stop it first") != std::string::npos);
  const json::value dry_run = grouped.post(offsets, R"({"to":"earliest","dryRun":true})");
  CHECK(dry_run.at("active").as_bool());
  CHECK(serialize_json(dry_run.at("members")) == R"(["reader-1"])");
}

TEST_CASE("The second of two who reset one group gets a 412, if it sends the tag of its dry run") {
  Grouped grouped;
  const std::string body = R"({"to":"earliest","dryRun":true})";
  const http::Response seen = grouped.ask(Method::post, offsets, "", body);
  const auto tag =
      std::find_if(seen.headers.begin(), seen.headers.end(), [](const auto& it) { return it.first == "ETag"; });
  REQUIRE(tag != seen.headers.end());
  const std::string if_match = tag->second;
  const auto reset = [&](const std::string& to, const std::string& condition) {
    return grouped.ask(Method::post, offsets, "", to, "application/json", condition).status;
  };
  CHECK(reset(R"({"to":"latest"})", if_match) == 200);
  CHECK(reset(R"({"to":"earliest"})", if_match) == 412);
  CHECK(reset(R"({"to":"earliest"})", "*") == 200);
}

TEST_CASE("What is wrong with a reset is named, with what is allowed") {
  Grouped grouped;
  const auto status = [&](const std::string& body, const std::string& path = offsets) {
    return grouped.ask(Method::post, path, "", body).status;
  };
  for (const char* bad :
       {R"({})", R"({"to":"yesterday"})", R"({"to":"offset"})", R"({"to":"offset","value":-1})",
        R"({"to":"offset","value":"x"})", R"({"to":"shift","value":1.5})", R"({"to":"time","value":"noon"})",
        R"({"to":"duration","value":"1h"})", R"({"to":"group"})", R"({"to":"earliest","value":3})",
        R"({"to":"earliest","topics":[]})", R"({"to":"earliest","topics":["orders:x"]})",
        R"({"to":"earliest","topics":["orders:"]})", R"({"to":"earliest","dryRun":"yes"})",
        R"({"to":"earliest","force":true})", R"({"to":"shift","value":1,"topics":["orders:1"]})"}) {
    INFO(bad);
    CHECK(status(bad) == 422);
  }
  CHECK(status(R"({"to":"earliest","topics":["none"]})") == 404);
  CHECK(status(R"({"to":"earliest","topics":["orders:2"]})") == 404);
  CHECK(status(R"({"to":"group","value":"none"})") == 404);
  CHECK(status(R"({"to":"earliest"})", "/api/bus/groups/none/offsets") == 404);
  CHECK(status("[]") == 400);
}

TEST_CASE("Durations are those of ISO 8601") {
  using inspector::parse_duration;
  CHECK(parse_duration("PT1H30M") == std::chrono::minutes(90));
  CHECK(parse_duration("P1DT1S") == std::chrono::seconds(86'401));
  CHECK(parse_duration("P2W") == std::chrono::days(14));
  for (const char* bad :
       {"", "P", "PT", "P1", "P1H", "PT1D", "PT1M1H", "P1DT", "-PT1H", "1H", "PT1.5H", "P999999W", "PT1H "}) {
    INFO(bad);
    CHECK(!parse_duration(bad));
  }
}

TEST_CASE("A group shows who owns each partition, and how old its oldest unread record is") {
  Grouped grouped;
  const json::object group = grouped.get("/api/bus/groups/g");
  const json::value& partition = group.at("partitions").at(0);
  CHECK(partition.at("lag").as_int64() == 2);
  CHECK(partition.at("lagSeconds").to_number<double>() == 2.0);  // written in the second before the last but one
  CHECK(partition.at("owner").is_null());
  CHECK(group.at("lagSeconds").to_number<double>() == 2.0);
  CHECK(group.at("trend").as_string() == "unknown");
  const auto member = grouped.join();
  CHECK(grouped.get("/api/bus/groups/g").at("partitions").at(0).at("owner").as_string() == "reader-1");
}

TEST_CASE("The groups are pushed: at once, when something has changed, and every 5 s as a sign of life") {
  Grouped grouped;
  Reading reading(grouped, "/api/bus/groups", "live");
  grouped.loop.run_ready();
  const auto first = reading.take();
  REQUIRE(first.size() == 1);
  CHECK(first[0].at("groups").at(0).at("samples").as_array().size() == 1);
  grouped.commit("g", 0, 6);
  grouped.loop.run_for(seconds(1));
  const auto changed = reading.take();
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].at("groups").at(0).at("lag").as_int64() == 0);
  CHECK(!changed[0].at("groups").at(0).as_object().contains("samples"));
  grouped.loop.run_for(seconds(6));  // in which the trend becomes known
  reading.take();
  grouped.loop.run_for(seconds(5));
  const auto sign = reading.take();
  REQUIRE(sign.size() == 1);
  CHECK(sign[0].size() == 1);
  CHECK(sign[0].contains("at"));
  reading.close();
  grouped.loop.run_for(seconds(1));
  CHECK(reading.ended());
}

TEST_CASE("A trend is told from the last minute, and a lag that wavers is flat") {
  using inspector::trend_of;
  inspector::LagHistory::Samples samples;
  CHECK(trend_of(samples) == "unknown");
  const auto add = [&](std::int64_t second, std::int64_t lag) { samples.push_back({Timestamp(seconds(second)), lag}); };
  for (int i = 0; i < 4; ++i) add(i, 10);
  CHECK(trend_of(samples) == "unknown");
  for (int i = 4; i < 60; ++i) add(i, 10 + i % 3);
  CHECK(trend_of(samples) == "flat");
  for (int i = 60; i < 120; ++i) add(i, i * 2);
  CHECK(trend_of(samples) == "rising");
  for (int i = 120; i < 180; ++i) add(i, 360 - i * 2);
  CHECK(trend_of(samples) == "falling");
}

TEST_CASE("Lag is remembered once a second at most, for five minutes") {
  inspector::LagHistory history;
  std::vector<GroupDescription> groups(1);
  groups.front().group = "g";
  groups.front().partitions.resize(1);
  groups.front().partitions.front().tp = TopicPartition("orders", 0);
  for (int i = 0; i < 4'000; ++i) {
    groups.front().partitions.front().lag = i;
    history.add(groups, Timestamp(std::chrono::milliseconds(250) * i));
  }
  CHECK(history.of("g").size() <= 301);
  CHECK(history.of("g").size() >= 299);
  CHECK(history.of("g", TopicPartition("orders", 0)).back().lag == 3'996);
  CHECK(history.of("h").empty());
}

TEST_CASE("A topic tells its rate, who reads it, and each setting in a sentence, with the changed ones marked") {
  Grouped grouped;
  const json::object topic = grouped.get("/api/bus/topics/orders");
  CHECK(topic.at("recordsPerSecond").to_number<double>() == Approx(7.0 / 60));
  CHECK(serialize_json(topic.at("groups")) == R"([{"group":"g","state":"Empty","lag":2}])");
  const json::object state = grouped.get("/api/bus/topics/state");
  bool changed = false;
  for (const json::value& setting : state.at("settings").as_array()) {
    INFO(serialize_json(setting));
    CHECK(!setting.at("explanation").as_string().empty());
    if (setting.at("name").as_string() == "delete.retention.ms") changed = setting.at("changed").as_bool();
    if (setting.at("name").as_string() == "segment.ms") CHECK(!setting.at("changed").as_bool());
  }
  CHECK(changed);
}
