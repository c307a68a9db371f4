#include "foodorder/base/park.hpp"
#include "module.hpp"
#include "replay.hpp"
#include "settings.hpp"

namespace foodorder {

namespace {

/// Does nothing but replay when it is asked to.
class ReplayModule final : public Module {
 public:
  explicit ReplayModule(const ModuleContext& context)
      : replay_(context.bus, context.clock,
                fraud::replay_member(context.instance_id, context.ids, context.session_timeout),
                fraud::limits_of(context.settings), fraud::grace_of(context.settings)) {}

  Task<> run() override {
    if (!stopping_) co_await park<Wake>([this](Waiter<Wake> waiter) { stopped_ = std::move(waiter); });
  }

  void stop() override {
    stopping_ = true;
    stopped_.complete(Wake{});
  }

  void pause(bool /*paused*/) override {}
  void configure(const Settings& /*settings*/) override {}
  bool ready() const override { return true; }

  json::object report() const override {
    json::object report;
    report["replay"] = replay_.progress();
    return report;
  }

  Task<Result<json::object>> replay() override { return replay_.run(); }

 private:
  fraud::Replay replay_;
  Waiter<Wake> stopped_;
  bool stopping_ = false;
};

}  // namespace

ModuleKind fraud_replay_kind() {
  ModuleKind kind = fraud_kind();
  kind.make = make_module<ReplayModule>;
  return kind;
}

}  // namespace foodorder
