#pragma once

#include "connection.hpp"
#include "database/service_tables.hpp"

namespace foodorder::database {

/// How the orders of the last minute are counted.
enum class FraudQuery {
  scan,     ///< reads the whole table
  indexed,  ///< by indexes on the time, and on customer and time
  counted,  ///< over all: by a counter for each second
};

/// Writes to the tables of orders. Each call is a part of one transaction, which its caller begins and commits.
class OrderTables {
 public:
  OrderTables(Connection& connection, FraudQuery query) : connection_(connection), query_(query) {}

  Placing place(const NewOrder& order, const Limits& limits);
  Changing change(const Change& change);
  Check check(const NewOrder& order);

 private:
  std::optional<Placing> known_answer(const NewOrder& order);
  RecentOrders count_recent(const NewOrder& order);
  std::int64_t count_over_all(Timestamp after);
  std::int64_t insert_event(const OrderWrite& write, const std::optional<std::string>& body_hash);
  void insert_order(Placing& placing, const NewOrder& order);
  void insert_row(StoredOrder& stored);
  void remember_key(const Placing& placing, const NewOrder& order, std::int64_t keys_max);

  Connection& connection_;
  FraudQuery query_;
};

/// Reads.
std::optional<StoredOrder> find_order(Connection& connection, const std::string& id);
OrderPage list_orders(Connection& connection, const Listing& listing);

}  // namespace foodorder::database
