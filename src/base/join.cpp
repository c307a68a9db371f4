#include "foodorder/base/join.hpp"

#include "foodorder/base/park.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>

namespace foodorder {

namespace {

struct Joined {
  std::size_t running = 0;
  std::exception_ptr failure;
  Waiter<Wake> waiter;
};

}  // namespace

Task<> join(std::vector<Task<>> tasks) {
  const auto joined = std::make_shared<Joined>();
  joined->running = tasks.size();
  const Executor executor = co_await asio::this_coro::executor;
  for (Task<>& task : tasks) {
    asio::co_spawn(executor, std::move(task), [joined](std::exception_ptr failure) {
      --joined->running;
      if (failure && !joined->failure) joined->failure = failure;
      if (joined->running == 0 || failure) joined->waiter.complete(Wake{});
    });
  }
  tasks.clear();
  if (joined->running > 0 && !joined->failure)
    co_await park<Wake>([&](Waiter<Wake> waiter) { joined->waiter = waiter; });
  if (joined->failure) std::rethrow_exception(joined->failure);
}

}  // namespace foodorder
