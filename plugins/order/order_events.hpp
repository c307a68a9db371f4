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

/// The record on `orders` that one on `order-status` follows from; nothing if it does not tell, or has no key.
std::optional<LogPlace> source_of(const Record& record);

/// One line of log, at level info.
void log_order(std::string_view instance, const OrderEvent& event);

}  // namespace foodorder::order
