// Fails at the first order that it reads, in each of its lives. It commits nothing before, so it reads it again.
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/plugin.hpp"

#include <stdexcept>

using namespace foodorder;

namespace {

class Failing final : public Module {
 public:
  explicit Failing(const ModuleContext& context)
      : loop_(context.bus, context.clock, member_of(context, "failing-group", "orders"),
              [](const ConsumerRecord&, Output&) { throw std::runtime_error("the oven is cold"); }) {}

  Task<> run() override { co_await loop_.run(); }
  void stop() override { loop_.stop(); }
  void pause(bool paused) override { loop_.pause(paused); }
  void configure(const Settings&) override {}
  bool ready() const override { return true; }
  json::object report() const override { return {}; }

 private:
  ConsumeLoop loop_;
};

ModuleKind failing_kind() {
  ModuleKind kind;
  kind.name = "failing";
  kind.summary = "fails at every order";
  kind.make = make_module<Failing>;
  return kind;
}

}  // namespace

FOODORDER_PLUGIN(failing_kind);
