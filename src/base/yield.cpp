#include "foodorder/base/yield.hpp"

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

/// The long work of one loop that waits to run its next piece, whatever fault domain it belongs to.
struct WorkQueue {
  explicit WorkQueue(Executor executor) : loop(std::move(executor)) {}

  Executor loop;
  std::deque<Waiter<Wake>> waiting;
  bool piece_is_posted = false;  ///< a NextPiece is queued in the loop
};

/// Lets one piece run, and queues the next one behind it. A loop that ends, or a simulated crash, destroys it
/// without running it.
class NextPiece {
 public:
  explicit NextPiece(std::shared_ptr<WorkQueue> queue) : queue_(std::move(queue)) { queue_->piece_is_posted = true; }
  NextPiece(NextPiece&&) noexcept = default;
  NextPiece(const NextPiece&) = delete;
  NextPiece& operator=(const NextPiece&) = delete;
  ~NextPiece() {
    if (queue_) queue_->piece_is_posted = false;
  }

  void operator()() {
    const std::shared_ptr<WorkQueue> queue = std::move(queue_);
    queue->piece_is_posted = false;
    while (!queue->waiting.empty()) {
      const Waiter<Wake> next = std::move(queue->waiting.front());
      queue->waiting.pop_front();
      if (!next.complete(Wake{})) continue;  // it has crashed meanwhile
      asio::post(queue->loop, NextPiece(queue));
      return;
    }
  }

 private:
  std::shared_ptr<WorkQueue> queue_;
};

/// The queues of an execution context: one, or in a simulation one for each process.
class WorkQueues final : public asio::execution_context::service {
 public:
  using key_type = WorkQueues;
  static asio::execution_context::id id;

  explicit WorkQueues(asio::execution_context& context) : service(context) {}

  const std::shared_ptr<WorkQueue>& of(const Executor& loop) {
    const auto known =
        std::find_if(queues_.begin(), queues_.end(), [&](const auto& queue) { return queue->loop == loop; });
    return known != queues_.end() ? *known : queues_.emplace_back(std::make_shared<WorkQueue>(loop));
  }

 private:
  void shutdown() noexcept override { queues_.clear(); }

  std::vector<std::shared_ptr<WorkQueue>> queues_;
};

asio::execution_context::id WorkQueues::id;

/// The executor of the loop that everything under `executor` runs on.
Executor loop_of(Executor executor) {
  while (const auto* domain = executor.target<FaultDomain::executor_type>()) {
    Executor inner = domain->inner();
    executor = std::move(inner);
  }
  return asio::require(executor, asio::execution::blocking.never);
}

}  // namespace

Task<> yield() {
  const Executor loop = loop_of(co_await asio::this_coro::executor);
  auto& queues = asio::use_service<WorkQueues>(asio::query(loop, asio::execution::context));
  const std::shared_ptr<WorkQueue> queue = queues.of(loop);
  co_await park<Wake>([&](Waiter<Wake> waiter) {
    queue->waiting.push_back(std::move(waiter));
    if (!queue->piece_is_posted) asio::post(loop, NextPiece(queue));
  });
}

}  // namespace foodorder
