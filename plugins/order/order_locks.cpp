#include "order_locks.hpp"

namespace foodorder::order {

Task<std::optional<OrderLocks::Lock>> OrderLocks::lock(std::string order_id) {
  const auto [queue, first] = table_->waiting.try_emplace(order_id);
  if (!first) {
    if (queue->second.size() >= waiting_max) co_return std::nullopt;
    std::deque<Waiter<Wake>>& waiting = queue->second;  // stays where it is while somebody waits
    co_await park<Wake>([&](Waiter<Wake> waiter) { waiting.push_back(std::move(waiter)); });
  }
  std::optional<Lock> lock(std::in_place, table_, std::move(order_id));
  co_return lock;
}

void OrderLocks::Table::unlock(const std::string& order_id) {
  const auto queue = waiting.find(order_id);
  if (queue == waiting.end()) return;
  while (!queue->second.empty()) {
    const Waiter<Wake> next = std::move(queue->second.front());
    queue->second.pop_front();
    if (next.complete(Wake{})) return;
  }
  waiting.erase(queue);
}

}  // namespace foodorder::order
