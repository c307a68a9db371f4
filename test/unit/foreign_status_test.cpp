// What strangers write to module-status and module-control.
#include "base/fault_domain.hpp"
#include "fake_modules.hpp"
#include "foodorder/runtime/metrics.hpp"
#include "runtime/control.hpp"
#include "support/catch.hpp"

#include <prometheus/counter.h>
#include <boost/asio/detached.hpp>

using namespace foodorder;
using foodorder::test::Stage;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Ids = std::vector<std::string>;

namespace {

/// One process: its instances and its control plane.
struct Process {
  Process(Stage& where, const std::string& name, const Ids& instances)
      : stage(where),
        domain(where.loop.context.get_executor(), name),
        supervisor(domain.get_executor(), where.parts(), Stage::kinds()),
        control(*where.bus, where.loop.clock, *where.ids, supervisor, name) {
    for (const std::string& instance : instances) {
      supervisor.add("fake", instance, Settings(supervisor.find_kind("fake")->settings)).value();
      supervisor.start(instance).value();
    }
    asio::co_spawn(domain.get_executor(), control.run(), asio::detached);
    where.loop.run_for(milliseconds(1));
  }
  ~Process() {
    domain.crash();
    stage.loop.run_ready();
  }

  [[nodiscard]] std::string state(const std::string& instance) const {
    const auto module = control.directory().module(instance);
    return module ? std::string(module->at("state").as_string()) : "unknown";
  }
  [[nodiscard]] Ids instances() const {
    Ids ids;
    for (const json::object& module : control.directory().modules())
      ids.emplace_back(module.at("instance").as_string());
    return ids;
  }

  Stage& stage;
  FaultDomain domain;
  Supervisor supervisor;
  ControlPlane control;
};

json::object object(std::string_view text) { return json::parse(text).as_object(); }

Task<Result<Position>> send(Producer& producer, ProducerRecord record) {
  auto sent = co_await producer.send(std::move(record));
  co_return sent;
}

/// A status as any process may write it; fields in `more` come in the place of those that it names.
std::string status_of(std::string_view instance, std::string_view more = "") {
  json::object body = object(R"({"kind":"fake","process":"four","state":"running","ready":true,"restarts":0,
                                 "settings":{},"report":{},"timestamp":"2026-02-05T13:00:00.000Z"})");
  body["instance"] = instance;
  for (const auto& field : object(fmt::format("{{{}}}", more))) body[field.key()] = field.value();
  return serialize_json(body);
}

Task<int> send_all(Producer& producer, std::vector<ProducerRecord> records) {
  const auto sent = co_await producer.send_all(std::move(records));
  co_return static_cast<int>(sent.size());
}

void write(Stage& stage, std::string_view topic, std::string key, std::optional<std::string> value) {
  const auto producer = stage.bus->producer(ProducerSpec("somebody"));
  stage.loop.run(send(*producer, ProducerRecord(std::string(topic), Record(key, value)))).value().value();
}

}  // namespace

TEST_CASE("A record on module-status that is no status is ignored and counted") {
  Stage stage;
  const Process watching(stage, "one", {"fake-1"});
  const std::vector<std::pair<std::string, std::string>> foreign = {
      {"fake-9", "{}"},
      {"fake-9", "null"},
      {"fake-9", R"({"instance":"fake-9","kind":"fake","process":"four","state":"running"})"},
      {"fake-8", status_of("fake-9")},
      {"fake-9", status_of("fake-9", R"("state":"lost")")},
      {"fake-9", status_of("fake-9", R"("state":"dancing")")},
      {"fake-9", status_of("fake-9", R"("ready":"yes")")},
      {"fake-9", status_of("fake-9", R"("restarts":-1)")},
      {"fake-9", status_of("fake-9", R"("settings":[])")},
      {"fake-9", status_of("fake-9", R"("settings":{"mood":{}})")},
      {"fake-9", status_of("fake-9", R"("report":7)")},
      {"fake-9", status_of("fake-9", R"("timestamp":"yesterday")")},
      {"fake-9", status_of("fake-9", R"("error":1)")},
      {"fake-9", status_of("fake-9", R"("since":"once")")},
      {"fake-9", status_of("fake-9", R"("sessionTimeoutMs":-1)")},
      {"fake 9", status_of("fake 9")},
      {"", status_of("")},
      {std::string(101, 'f'), status_of(std::string(101, 'f'))},
      {"fake-9", status_of("fake-9", fmt::format(R"("report":{{"x":"{}"}})", std::string(70'000, 'x')))},
  };
  for (const auto& [key, value] : foreign) write(stage, topics::module_status, key, value);
  stage.loop.run_for(milliseconds(10));
  CHECK(watching.instances() == Ids{"fake-1"});
  CHECK(unparsable_records(stage.metrics, topics::module_status).Value() == static_cast<double>(foreign.size()));
  write(stage, topics::module_status, "fake-9", status_of("fake-9", R"("note":"mine")"));
  stage.loop.run_for(milliseconds(10));
  CHECK(watching.instances() == Ids{"fake-1", "fake-9"});
  CHECK_FALSE(watching.control.directory().module("fake-9")->contains("note"));
}

TEST_CASE("However many statuses a stranger writes, a bounded number is kept, and a real instance finds room") {
  Stage stage;
  const Process watching(stage, "one", {});
  const auto producer = stage.bus->producer(ProducerSpec("somebody"));
  std::vector<ProducerRecord> statuses;
  for (int i = 0; i < 5'000; ++i) {
    const std::string instance = fmt::format("stranger-{}", i);
    statuses.emplace_back(std::string(topics::module_status), Record(instance, status_of(instance)));
  }
  stage.loop.run(send_all(*producer, std::move(statuses)));
  stage.loop.run_for(milliseconds(10));
  CHECK(watching.instances().size() == InstanceDirectory::instances_max);
  CHECK(unparsable_records(stage.metrics, topics::module_status).Value() == 4'000);
  stage.loop.run_for(seconds(4));
  const Process late(stage, "two", {"fake-1"});
  stage.loop.run_for(seconds(1));
  CHECK(watching.state("fake-1") == "running");
}

TEST_CASE("A report that is too large is left out, and its instance is alive all the same") {
  Stage stage;
  stage.script.report["notes"] = std::string(GENERATE(70'000, 1'100'000), 'x');
  const Process process(stage, "one", {"fake-1"});
  stage.loop.run_for(seconds(5));
  const auto module = process.control.directory().module("fake-1");
  REQUIRE(module.has_value());
  CHECK(module->at("state").as_string() == "running");
  CHECK(module->at("report").as_object().empty());
  CHECK(std::string_view(module->at("error").as_string()).starts_with("its report is left out"));
  CHECK(refused_records(stage.metrics, topics::module_status).Value() >= 5);
}

TEST_CASE("A malformed command is ignored and counted") {
  Stage stage;
  const Process process(stage, "one", {"fake-1"});
  for (const std::string& value :
       {std::string("{}"), std::string(R"({"instance":"fake-1"})"),
        std::string(R"({"instance":"fake-1","action":"stop","settings":[]})"),
        std::string(R"({"instance":"fake-1","action":"stop","commandId":7})"),
        fmt::format(R"({{"instance":"fake-1","action":"stop","commandId":"{}"}})", std::string(101, 'i')),
        fmt::format(R"({{"instance":"fake-1","action":"stop","settings":{{"x":"{}"}}}})", std::string(70'000, 'x'))})
    write(stage, topics::module_control, "fake-1", value);
  stage.loop.run_for(milliseconds(10));
  CHECK(process.state("fake-1") == "running");
  CHECK(unparsable_records(stage.metrics, topics::module_control).Value() == 6);
  write(stage, topics::module_control, "fake-1", R"({"instance":"fake-1","action":"stop"})");
  stage.loop.run_for(milliseconds(10));
  CHECK(process.state("fake-1") == "stopped");
}
