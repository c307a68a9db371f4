#include "backend.hpp"

#include "support/virtual_clock.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

namespace foodorder::conformance {

namespace {

class VirtualStage final : public Stage {
 public:
  Executor executor() override { return loop_.get_executor(); }
  Clock& clock() override { return clock_; }

  bool run_until(const std::function<bool()>& done, Duration limit) override {
    // Time moves on even where the loop never comes to rest, so that a bus which runs in circles meets the limit.
    constexpr int handlers_per_step_max = 100'000;
    constexpr Duration step = std::chrono::milliseconds(5);
    const Timestamp deadline = clock_.now() + limit;
    for (;;) {
      for (int i = 0; i < handlers_per_step_max && !done(); ++i)
        if (loop_.poll_one() == 0) break;
      if (done()) return true;
      if (clock_.now() >= deadline) return false;
      clock_.advance(step);
    }
  }

 private:
  VirtualClock clock_;
  asio::io_context loop_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(loop_);
};

class RealStage final : public Stage {
 public:
  Executor executor() override { return loop_.get_executor(); }
  Clock& clock() override { return *clock_; }

  bool run_until(const std::function<bool()>& done, Duration limit) override {
    const Timestamp deadline = clock_->now() + limit;
    while (!done() && clock_->now() < deadline) loop_.run_one_for(std::chrono::milliseconds(10));
    return done();
  }

 private:
  asio::io_context loop_;
  asio::executor_work_guard<asio::io_context::executor_type> work_ = asio::make_work_guard(loop_);
  std::unique_ptr<Clock> clock_ = make_system_clock(loop_.get_executor());
};

}  // namespace

std::unique_ptr<Stage> make_virtual_stage() { return std::make_unique<VirtualStage>(); }

std::unique_ptr<Stage> make_real_stage() { return std::make_unique<RealStage>(); }

}  // namespace foodorder::conformance
