#pragma once

#include "store.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What services that call each other keep: each in a database of its own. What comes twice, because a caller did not
// hear the first answer, is done once.

namespace foodorder::database {

/// What the fraud service says of an order.
struct Check {
  bool known = false;  ///< this request was judged before: the verdict is that one
  Verdict verdict;
};

/// What another service tells the audit service.
struct LoggedEvent {
  std::string id;  ///< of the audit event
  std::string cause_id;
  std::string trace_id;
  std::string order_id;
  std::string source;
  std::string action;
  std::int64_t retry_count = 0;
  std::string body;
  Timestamp at{};
};

/// A row of a service's own audit table, as it is told to the audit service.
struct JournalRow {
  std::int64_t seq = 0;
  LoggedEvent logged;
  std::optional<OrderEvent> event;  ///< of an order: what the notification service is told
};

/// Errors are those of OrderDatabase.
class ServiceTables {
 public:
  virtual ~ServiceTables() = default;

  /// Fraud: counts an order once, however often it comes, and judges it. An order that is let through leaves a copy. A
  /// request that was answered before gets the same answer; another one for that order is judged in its place.
  virtual Task<Result<Check>> check(NewOrder order) = 0;
  /// Audit: false if that event is there already.
  virtual Task<Result<bool>> log(LoggedEvent event) = 0;
  /// Notification: adds a job; false if it was added before, also where it is finished.
  virtual Task<Result<bool>> notify(OrderWrite write) = 0;
  /// Order: whether an order was placed under the Idempotency-Key that this id is made of.
  virtual Task<Result<bool>> knows_key(std::string order_id) = 0;

  /// Audit rows from `from` on: what this service has to tell.
  virtual Task<Result<std::vector<JournalRow>>> journal(std::int64_t from, std::size_t rows_max) = 0;
  /// The first audit row that was not told yet, as far as set_told() says.
  virtual Task<Result<std::int64_t>> told() = 0;
  virtual Task<Result<void>> set_told(std::int64_t next) = 0;
};

/// The database of one service.
class ServiceStore : public Store {
 public:
  [[nodiscard]] virtual ServiceTables& services() = 0;
};

}  // namespace foodorder::database
