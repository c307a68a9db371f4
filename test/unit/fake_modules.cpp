#include "fake_modules.hpp"

#include "foodorder/runtime/pump.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <stdexcept>

namespace foodorder::test {

namespace {

// This is how a module finds its test.
Script* script = nullptr;

Task<> hold() {
  co_await park<Wake>([](Waiter<Wake> waiter) { script->held.push_back(std::move(waiter)); });
}

void may_throw(std::string_view call) {
  if (script->throws == call) throw std::runtime_error("the oven is cold");
}

class FakeModule final : public Module {
 public:
  explicit FakeModule(ModuleContext context) : id_(context.instance_id), clock_(context.clock) {
    may_throw("make");
    note(fmt::format("made with speed {}", context.settings.integer("speed")));
  }

  Task<> run() override {
    script->runs.push_back({id_, clock_.now()});
    ready_ = true;
    if (const auto fails = script->fails_after.find(id_); fails != script->fails_after.end()) {
      if (fails->second > Duration::zero()) co_await sleep_for(clock_, fails->second);
      throw std::runtime_error("the oven is cold");
    }
    if (!stopping_) co_await park<Wake>([this](Waiter<Wake> waiter) { stop_ = std::move(waiter); });
    if (script->holds_stop) co_await hold();
    if (script->fails_stopping) throw std::runtime_error("the oven is cold");
    note("left");
  }

  void stop() override {
    may_throw("stop");
    note("stop");
    stopping_ = true;
    stop_.complete(Wake{});
  }
  void pause(bool paused) override {
    may_throw("pause");
    note(paused ? "pause" : "resume");
  }
  void configure(const Settings& settings) override {
    may_throw("configure");
    note(fmt::format("speed {}", settings.integer("speed")));
  }
  bool ready() const override { return ready_; }

  json::object report() const override {
    may_throw("report");
    if (script->throws == "report a number") throw 7;
    json::object report = script->report;
    report["by"] = id_;
    return report;
  }

  Task<Result<json::object>> replay() override {
    if (script->holds_calls) co_await hold();
    json::object summary = script->replay_summary;
    summary["replayed"] = id_;
    co_return summary;
  }

  Task<http::Response> answer(http::Request& request) {
    if (request.body == "throw") throw std::runtime_error("the pan is hot");
    if (script->holds_calls) co_await hold();
    note("answers");
    co_return http::Response(200, "text/plain", id_);
  }

 private:
  void note(std::string_view what) { script->lines.push_back(fmt::format("{} {}", id_, what)); }

  std::string id_;
  Clock& clock_;
  bool ready_ = false;
  bool stopping_ = false;
  Waiter<Wake> stop_;
};

class MemberModule final : public Module {
 public:
  explicit MemberModule(const ModuleContext& context)
      : pump_(context.bus.subscribe(member_of(context, "fake-group", topics::orders)), context.clock,
              [](ConsumerEvent) -> Task<> { co_return; }) {}

  Task<> run() override { co_await pump_.run(); }
  void stop() override { pump_.stop(); }
  void pause(bool paused) override { pump_.pause(paused); }
  void configure(const Settings&) override {}
  bool ready() const override { return true; }
  json::object report() const override { return {}; }

 private:
  Pump pump_;
};

}  // namespace

void Script::let_go() {
  for (const Waiter<Wake>& waiter : std::exchange(held, {})) waiter.complete(Wake{});
}

std::size_t Script::count(std::string_view line) const {
  return static_cast<std::size_t>(std::count(lines.begin(), lines.end(), line));
}

Stage::Stage() {
  test::script = &script;
  make_topics();
}

Stage::~Stage() { test::script = nullptr; }

std::vector<ModuleKind> Stage::kinds() {
  ModuleKind fake;
  fake.name = "fake";
  fake.settings.push_back(SettingSpec::integer("speed", 1, 1, 10, "how fast"));
  fake.settings.push_back(SettingSpec::choice("mood", "calm", {"calm", "wild"}, "how"));
  fake.routes.emplace_back(http::Method::get, "/fake", &FakeModule::answer);
  fake.make = make_module<FakeModule>;
  ModuleKind member;
  member.name = "member";
  member.make = make_module<MemberModule>;
  return {std::move(fake), std::move(member)};
}

Supervisor::Parts Stage::parts() {
  return Supervisor::Parts{*bus, loop.clock, *ids, metrics, 0, std::chrono::seconds(10)};
}

std::vector<std::string> Stage::members() {
  std::vector<std::string> members;
  const auto groups = loop.run(bus->admin().groups());
  for (const GroupDescription& group : groups.value().value())
    if (group.group == "fake-group")
      for (const MemberDescription& member : group.members) members.push_back(member.client_id);
  return members;
}

}  // namespace foodorder::test
