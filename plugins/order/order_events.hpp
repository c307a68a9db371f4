#pragma once

#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "status_reconciler.hpp"

namespace foodorder::order {

/// What follows from an `orders` record: an `audit` event and an `order-status` record (no value for a deletion).
void add_what_follows(const ConsumerRecord& cause, const OrderEvent& event, EventWriter& events, Output& output);

/// Writes a status again.
void add_correction(const OrderStatus& correction, EventWriter& events, Output& output);

/// What a record on `order-status` says; nothing if it has no key or does not tell its source.
std::optional<OrderStatus> status_of(const Record& record);

/// One line of log, at level info.
void log_order(std::string_view instance, const OrderEvent& event);

}  // namespace foodorder::order
