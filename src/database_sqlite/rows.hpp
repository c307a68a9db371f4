#pragma once

#include "connection.hpp"
#include "database/order_database.hpp"

#include <string>
#include <string_view>

namespace foodorder::database {

inline constexpr std::int32_t order_partitions = 3;

/// A row of `audit`.
struct AuditRow {
  std::string_view order_id;
  std::string_view source;
  std::string_view action;
  std::int64_t retry_count = 0;
  std::string_view cause_id;  ///< the event of the order that it follows from
  std::string_view trace_id;
  std::string_view body;
  Timestamp at{};
  std::optional<std::int64_t> partition{};  ///< of an order's event
  std::optional<std::string> body_hash{};
  std::optional<std::int64_t> elapsed{};  ///< microseconds from an order to NOTIFIED
};

/// Gives its number.
std::int64_t insert_audit(Connection& connection, const AuditRow& row);

/// The job of an event.
void insert_job(Connection& connection, const OrderWrite& write);

inline constexpr std::string_view order_source = "order-service";
inline constexpr std::string_view notification_source = "notification-service";
inline constexpr std::string_view fraud_source = "fraud-service";

/// Columns 0 to 8 of `order_columns`.
StoredOrder order_of(const Query& query);

/// An event that this program wrote: one that cannot be read is a damaged file.
OrderEvent event_of(const std::string& payload);

}  // namespace foodorder::database
