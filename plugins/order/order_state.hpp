#pragma once

#include "foodorder/bus/record.hpp"
#include "idempotency.hpp"
#include "order_store.hpp"

namespace foodorder::order {

/// All that the order service remembers, as a fold of `orders`.
struct OrderState {
  OrderState(std::size_t orders_max, std::size_t keys_max) : store(orders_max), keys(keys_max) {}

  /// Folds the next record of a partition; those with a retryCount change nothing. False: its body cannot be parsed.
  bool fold(const ConsumerRecord& record);

  OrderStore store;
  IdempotencyKeys keys;
};

/// What the store takes of that record of `orders`; `time` is that of the event.
OrderWrite write_of(const Record& record, const Position& at, Timestamp time);

}  // namespace foodorder::order
