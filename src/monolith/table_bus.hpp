#pragma once

#include "database/order_database.hpp"
#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <memory>
#include <string_view>
#include <vector>

namespace foodorder {

/// Which database has which topics. Those of one program share their signals.
struct LoggedTables {
  /// One database has them all.
  LoggedTables(database::TableLog& all) : orders(all), audit(all), letters(all) {}
  LoggedTables(database::TableLog& of_orders, database::TableLog& of_audit, database::TableLog& of_letters)
      : orders(of_orders), audit(of_audit), letters(of_letters) {}

  [[nodiscard]] database::TableLog& of(std::string_view topic) const;
  /// Each once.
  [[nodiscard]] std::vector<database::TableLog*> all() const;

  database::TableLog& orders;   ///< `orders` and `order-status`
  database::TableLog& audit;    ///< `audit`
  database::TableLog& letters;  ///< `orders-dlq`
};

/// The tables read as a log, and nothing but read: who writes them does so in a transaction. So producers and groups
/// answer `unsupported`, for these topics; `others`, which carries module control, has all other topics. All of it
/// outlives the bus.
std::unique_ptr<EventBus> make_table_bus(const LoggedTables& tables, EventBus& others, Clock& clock,
                                         std::string_view name = "sqlite");

}  // namespace foodorder
