#include "keyed_placings.hpp"

namespace foodorder::rest {

Task<KeyedPlacings::Begun> KeyedPlacings::begin(std::string order_id, std::optional<std::string> body_hash) {
  Begun begun;
  const std::shared_ptr<Table> table = table_;
  while (body_hash && !begun.turn && !begun.shared) {
    const auto [entry, is_first] = table->try_emplace(order_id);
    if (is_first) {
      entry->second = std::make_shared<Placing>();
      entry->second->body_hash = body_hash;
      begun.turn.emplace(table, order_id);
      break;
    }
    const std::shared_ptr<Placing> placing = entry->second;
    co_await placing->ended.wait();
    if (placing->body_hash == body_hash) begun.shared = placing->outcome;
  }
  co_return begun;
}

void KeyedPlacings::Turn::leave(std::optional<Outcome> outcome) {
  if (!table_) return;
  const std::shared_ptr<Table> table = std::exchange(table_, nullptr);
  const std::shared_ptr<Placing> placing = table->extract(order_id_).mapped();
  placing->outcome = std::move(outcome);
  placing->ended.notify_all();
}

}  // namespace foodorder::rest
