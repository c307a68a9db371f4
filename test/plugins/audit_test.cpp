#include "audit_trail.hpp"
#include "captured_log.hpp"
#include "module.hpp"
#include "support/catch.hpp"
#include "world.hpp"

using namespace foodorder;
using namespace foodorder::test;
using std::chrono::seconds;

namespace {

std::string event(std::string_view action, std::string_view order_id) {
  return JsonObject()
      .add("source", "fraud-service")
      .add("action", action)
      .add("orderId", order_id)
      .add_object("windowStats", [](JsonObject& stats) { stats.add("orders", 1); })
      .take();
}

}  // namespace

TEST_CASE("Each event on audit becomes one line of log that says where it stands, and is committed") {
  World world({audit_kind()});
  const CapturedLog captured;
  world.produce(topics::audit, Record("o1", event("FRAUD_ALERT", "o1")));
  world.start("audit-1");
  world.produce(topics::audit, Record("o2", event("NOTIFIED", "o2")));
  world.run_for(seconds(1));
  CHECK(captured.lines("audited") ==
        Lines{"audited instance=audit-1 source=fraud-service action=FRAUD_ALERT orderId=o1 at=audit-0-0",
              "audited instance=audit-1 source=fraud-service action=NOTIFIED orderId=o2 at=audit-0-1"});
  CHECK(world.caught_up("audit-group"));
  CHECK(world.report("audit-1").at("events").as_object() ==
        json::parse(R"({"fraud-service FRAUD_ALERT":1,"fraud-service NOTIFIED":1})").as_object());
}

TEST_CASE("What is no event of audit is counted, written nowhere, and never stops it") {
  World world({audit_kind()});
  const CapturedLog captured;
  world.start("audit-1");
  const std::vector<std::optional<std::string>> garbage = {
      std::nullopt,
      "",
      "{",
      "null",
      "[]",
      "\xff\xfe",
      std::string(100'000, '['),
      R"({"source":"a","action":"b"})",
      R"({"source":1,"action":"b","orderId":"c"})",
      R"({"source":"a","source":"a","action":"b","orderId":"c"})",
  };
  for (const auto& value : garbage) world.produce(topics::audit, Record("k", value));
  world.produce(topics::audit, Record(std::nullopt, event("NOTIFIED", "o1")));
  world.run_for(seconds(1));
  CHECK(captured.lines("audited") ==
        Lines{"audited instance=audit-1 source=fraud-service action=NOTIFIED orderId=o1 at=audit-0-10"});
  CHECK(world.report("audit-1").at("unparsable").as_int64() == static_cast<std::int64_t>(garbage.size()));
  CHECK(world.caught_up("audit-group"));
}

TEST_CASE("What users type cannot forge a line of the log") {
  World world({audit_kind()});
  const CapturedLog captured;
  world.start("audit-1");
  world.produce(topics::audit, Record("k", event("A\n2026 info {\"action\":\"B\"}\r\x1b[31m", "\"o\"")));
  world.run_for(seconds(1));
  const Lines lines = captured.lines("audited");
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().find('\x1b') == std::string::npos);
  CHECK(lines.front().find("\nA") == std::string::npos);
  CHECK(lines.front().ends_with(" at=audit-0-0"));
}

TEST_CASE("The log is quiet at its default level, the counting goes on") {
  World world({audit_kind()});
  const CapturedLog captured;
  log::set_level(log::Level::warn);
  world.start("audit-1");
  world.produce(topics::audit, Record("o1", event("NOTIFIED", "o1")));
  world.run_for(seconds(1));
  CHECK(captured.lines("audited").empty());
  CHECK(world.report("audit-1").at("events").at("fraud-service NOTIFIED").as_int64() == 1);
}

TEST_CASE("Kinds of events beyond a hundred are counted together") {
  audit::Counts counts;
  for (int kind = 0; kind < 150; ++kind) counts.add({"s", std::to_string(kind), "o", {}});
  counts.add({"s", "0", "o", {}});
  CHECK(counts.all().size() == audit::Counts::kinds_max + 1);
  CHECK(counts.all().find("other")->second == 50);
  CHECK(counts.all().find("s 0")->second == 2);
}

TEST_CASE("A foreign event with a name without end does not make the report grow") {
  audit::Counts counts;
  counts.add({std::string(64, 's'), std::string(64, 'a'), "o", {}});
  counts.add({std::string(65, 's'), "a", "o", {}});
  counts.add({"s", std::string(1'000'000, 'a'), "o", {}});
  CHECK(counts.all().size() == 2);
  CHECK(counts.all().find(std::string(64, 's') + ' ' + std::string(64, 'a'))->second == 1);
  CHECK(counts.all().find("other")->second == 2);
}
