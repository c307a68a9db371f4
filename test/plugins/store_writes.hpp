#pragma once

#include "order/order_store.hpp"
#include "support/sample_order.hpp"

#include <string>

// Writes of an order store, as records of partition 0.

namespace foodorder::test {

/// What the store takes of a record at that offset: logged at sample_time, it happened `age` later.
inline order::OrderWrite write_at(std::int64_t offset, Duration age = Duration(0)) {
  order::OrderWrite write;
  write.offset = offset;
  write.logged = sample_time;
  write.time = sample_time + age;
  return write;
}

inline void created(order::OrderStore& store, const std::string& id, std::int64_t offset, Duration age = Duration(0)) {
  store.apply(sample_event(OrderAction::created, id), write_at(offset, age));
}
inline void updated(order::OrderStore& store, const std::string& id, std::int64_t offset, std::int64_t quantity) {
  store.apply(sample_event(OrderAction::updated, id, quantity), write_at(offset));
}
inline void deleted(order::OrderStore& store, const std::string& id, std::int64_t offset) {
  store.apply(sample_event(OrderAction::deleted, id), write_at(offset));
}

}  // namespace foodorder::test
