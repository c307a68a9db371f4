#include "turns.hpp"

namespace foodorder::order {

Task<std::optional<Turns::Turn>> Turns::enter(std::string order_id) {
  const auto [queue, first] = table_->waiting.try_emplace(order_id);
  if (!first) {
    if (queue->second.size() >= waiting_max) co_return std::nullopt;
    std::deque<Waiter<Wake>>& waiting = queue->second;  // stays where it is while somebody waits
    co_await park<Wake>([&](Waiter<Wake> waiter) { waiting.push_back(std::move(waiter)); });
  }
  std::optional<Turn> turn(std::in_place, table_, std::move(order_id));
  co_return turn;
}

void Turns::Table::leave(const std::string& order_id) {
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
