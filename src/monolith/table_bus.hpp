#pragma once

#include "database/order_database.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <memory>

namespace foodorder {

/// The tables read as a log, and nothing but read: who writes them does so in a transaction. So producers and groups
/// answer `unsupported`, for these topics; `others`, which carries module control, has all other topics. Both outlive
/// the bus.
std::unique_ptr<EventBus> make_table_bus(database::OrderDatabase& orders, EventBus& others, Clock& clock);

}  // namespace foodorder
