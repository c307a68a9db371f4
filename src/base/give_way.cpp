#include "foodorder/base/give_way.hpp"

#include "base/fault_domain.hpp"
#include "foodorder/base/park.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <deque>
#include <memory>
#include <vector>

namespace foodorder {

namespace {

/// The long work of one loop that waits for its next piece, whatever fault domains it belongs to.
struct Lane {
  explicit Lane(Executor executor) : loop(std::move(executor)) {}

  Executor loop;
  std::deque<Waiter<Wake>> waiting;
  bool granting = false;  ///< a Grant is queued in the loop
};

/// Lets one piece run, and queues the next Grant behind it. A loop that ends, or a simulated crash, destroys it
/// without running it.
class Grant {
 public:
  explicit Grant(std::shared_ptr<Lane> lane) : lane_(std::move(lane)) { lane_->granting = true; }
  Grant(Grant&&) noexcept = default;
  Grant(const Grant&) = delete;
  Grant& operator=(const Grant&) = delete;
  ~Grant() {
    if (lane_) lane_->granting = false;
  }

  void operator()() {
    const std::shared_ptr<Lane> lane = std::move(lane_);
    lane->granting = false;
    while (!lane->waiting.empty()) {
      const Waiter<Wake> next = std::move(lane->waiting.front());
      lane->waiting.pop_front();
      if (!next.complete(Wake{})) continue;  // it has crashed meanwhile
      asio::post(lane->loop, Grant(lane));
      return;
    }
  }

 private:
  std::shared_ptr<Lane> lane_;
};

/// The lanes of an execution context: one, but for a simulation, where each process has its own.
class Lanes final : public asio::execution_context::service {
 public:
  using key_type = Lanes;
  static asio::execution_context::id id;

  explicit Lanes(asio::execution_context& context) : service(context) {}

  const std::shared_ptr<Lane>& of(const Executor& loop) {
    const auto known = std::find_if(lanes_.begin(), lanes_.end(), [&](const auto& lane) { return lane->loop == loop; });
    return known != lanes_.end() ? *known : lanes_.emplace_back(std::make_shared<Lane>(loop));
  }

 private:
  void shutdown() noexcept override { lanes_.clear(); }

  std::vector<std::shared_ptr<Lane>> lanes_;
};

asio::execution_context::id Lanes::id;

/// The executor of the loop that everything under `executor` runs on.
Executor loop_of(Executor executor) {
  while (const auto* domain = executor.target<FaultDomain::executor_type>()) {
    Executor inner = domain->inner();
    executor = std::move(inner);
  }
  return asio::require(executor, asio::execution::blocking.never);
}

}  // namespace

Task<> give_way() {
  const Executor loop = loop_of(co_await asio::this_coro::executor);
  auto& lanes = asio::use_service<Lanes>(asio::query(loop, asio::execution::context));
  const std::shared_ptr<Lane> lane = lanes.of(loop);
  co_await park<Wake>([&](Waiter<Wake> waiter) {
    lane->waiting.push_back(std::move(waiter));
    if (!lane->granting) asio::post(loop, Grant(lane));
  });
}

}  // namespace foodorder
