#include "figures_module.hpp"

#include "foodorder/base/retry_log.hpp"
#include "foodorder/base/wait.hpp"
#include "runtime/faults.hpp"

#include <algorithm>

namespace foodorder::monolith {

namespace {

constexpr Duration interval_min = std::chrono::seconds(1);
constexpr Duration interval_max = std::chrono::seconds(30);  // one slow answer says nothing of the next

class FiguresModule final : public Module {
 public:
  FiguresModule(const ModuleContext& context, Figures figures)
      : clock_(context.clock),
        figures_(std::move(figures)),
        faults_(context.instance_id, context.seed),
        reading_(context.instance_id) {
    configure(context.settings);
  }

  Task<> run() override {
    while (!stopping_) {
      co_await faults_.hold(clock_, changed_);
      const Timestamp begun = clock_.now();
      if (!paused_) co_await read(begun);
      const Duration took = clock_.now() - begun;
      co_await changed_.wait_until(clock_, begun + std::clamp<Duration>(10 * took, interval_min, interval_max));
    }
  }

  void stop() override {
    stopping_ = true;
    changed_.set();
  }
  void pause(bool paused) override { paused_ = paused; }
  void configure(const Settings& settings) override {
    faults_.configure(settings);
    if (figures_.configure) figures_.configure(settings);
  }
  bool ready() const override { return known_; }
  json::object report() const override { return report_; }

 private:
  Task<> read(Timestamp now) {
    auto figures = co_await figures_.read(now);
    if (!figures) {
      reading_.failed(figures.error());
      co_return;
    }
    reading_.worked();
    report_ = std::move(*figures);
    known_ = true;
  }

  Clock& clock_;
  Figures figures_;
  Faults faults_;
  RetryLog reading_;
  json::object report_;
  bool known_ = false;
  bool stopping_ = false;
  bool paused_ = false;
  AsyncEvent changed_;
};

}  // namespace

std::unique_ptr<Module> make_figures_module(const ModuleContext& context, Figures figures) {
  return std::make_unique<FiguresModule>(context, std::move(figures));
}

}  // namespace foodorder::monolith
