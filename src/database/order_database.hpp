#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/base/task.hpp"
#include "foodorder/base/wait.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/domain/order.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// The orders of the monolith in a database: what is asked of it, whatever it is. Everything is called on the loop's
// thread and completes there; nothing blocks it. Errors of all calls: queue_full (too many wait; nothing was written),
// unavailable (nothing was written), outcome_unknown (the answer of a commit was lost, or took too long).

namespace foodorder::database {

/// An order as its table has it.
struct StoredOrder {
  Order order;
  std::int64_t number = 0;   ///< counts the orders placed: the list has them in this order
  std::int64_t version = 0;  ///< the number of the audit row that left it so; it names one content
};

/// An event of an order, and what its rows carry beside it.
struct OrderWrite {
  OrderEvent event;
  std::string event_id;
  std::string trace_id;  ///< 32 hexadecimal digits
  Timestamp time{};      ///< the first of `times_per_write` that are this write's alone
  bool adds_job = true;  ///< false: whoever notifies is told in another way
};

/// One for the event, its audit row, the verdict on it and its status.
inline constexpr int times_per_write = 4;

/// The orders of the last `window`, the new one included.
struct RecentOrders {
  std::int64_t by_customer = 0;
  std::int64_t over_all = 0;
};

/// What a new order is judged: an audit row, and whether the order is refused.
struct Verdict {
  bool blocked = false;
  std::string action;
  std::string body;  ///< of the audit row
};

struct NewOrder {
  NewOrder() = default;

  OrderWrite write;
  std::optional<std::string> body_hash;  ///< of a request with an Idempotency-Key, which the order's id is made of
  Duration window{};
  /// Pure, and it refers to nothing: it runs inside the transaction, on another thread. None: another service has
  /// judged the order, and nothing is counted.
  std::function<Verdict(const RecentOrders& recent)> decide;
  std::optional<Verdict> note;  ///< without a check: an audit row of the order service beside that of the event
};

struct Placing {
  enum class Outcome {
    placed,
    repeated,     ///< the key was used for the same body: `stored` is the first answer
    blocked,      ///< by the verdict: no order, no job; `recent` is what it was judged by
    key_reused,   ///< the key was used for another body
    key_too_old,  ///< the key's order lives, and its first request is forgotten
    full,         ///< as many orders live as there may be
  };

  Outcome outcome = Outcome::placed;
  StoredOrder stored;
  RecentOrders recent;
};

/// An update or a deletion.
struct Change {
  Change() = default;

  std::string order_id;
  OrderWrite write;  ///< its event is what `decide` gives
  /// The event that this order is to go through, or nothing to leave it as it is. Pure, as that of NewOrder.
  std::function<std::optional<OrderEvent>(const StoredOrder& stored)> decide;
};

struct Changing {
  enum class Outcome { changed, not_found, left };

  Outcome outcome = Outcome::changed;
  StoredOrder stored;  ///< as it is now; of a deletion, as it was last
};

struct Listing {
  Listing() = default;

  bool newest_first = false;
  std::size_t limit = 1000;
  std::optional<std::string> after;  ///< the id of an order
};

struct OrderPage {
  std::vector<StoredOrder> orders;
  std::int64_t total = 0;  ///< orders that live
  std::int64_t end = 0;    ///< of the log, at that moment
  bool more = false;
  bool unknown_after = false;
};

/// What grows has a limit.
struct Limits {
  Limits() = default;

  std::int64_t orders_max = 1'000'000;
  std::int64_t keys_max = 100'000;
  /// How long a write waits before its outcome is called unknown.
  Duration outcome_timeout = std::chrono::seconds(3);
};

/// What this process has committed. Other processes may commit, too: who waits looks by itself now and then.
struct Signals {
  std::uint64_t rows = 0;  ///< how often audit rows were added
  std::uint64_t jobs = 0;  ///< how often jobs may have been added
  Condition rows_added;
  Condition jobs_added;
};

/// Tables as a log. The offset of a record is the number of its audit row, on every topic.
class TableLog {
 public:
  virtual ~TableLog() = default;

  /// Empty while it works, else why it does not: what the last write or read met.
  [[nodiscard]] virtual std::optional<std::string> trouble() const = 0;
  /// Identifies these tables: made with them.
  [[nodiscard]] virtual const std::string& log_id() const = 0;

  struct Rows {
    std::vector<ConsumerRecord> records;  ///< of all topics, in the order of their offsets
    std::int64_t next = 0;
  };
  /// All records from audit row `from` on, of at most `rows_max` rows.
  virtual Task<Result<Rows>> read_rows(std::int64_t from, std::size_t rows_max) = 0;
  virtual Task<Result<ReadPage>> read(TopicPartition partition, std::int64_t offset, ReadLimits limits) = 0;
  /// The offset that the next record of any topic will get at least.
  virtual Task<Result<std::int64_t>> end() = 0;
  /// The first offset at or after that time; end() if there is none.
  virtual Task<Result<std::int64_t>> offset_at(Timestamp time) = 0;
  virtual Task<Result<std::vector<TopicDescription>>> describe() = 0;

  [[nodiscard]] virtual const std::shared_ptr<Signals>& signals() const = 0;
};

class OrderDatabase : public TableLog {
 public:
  virtual void set_limits(Limits limits) = 0;

  /// One transaction: the counts, the verdict, the order, its audit rows, its job and its key; or none of it.
  virtual Task<Result<Placing>> place(NewOrder order) = 0;
  /// One transaction: the order, its audit row and its job.
  virtual Task<Result<Changing>> change(Change change) = 0;

  virtual Task<Result<std::optional<StoredOrder>>> find(std::string id) = 0;
  virtual Task<Result<OrderPage>> list(Listing listing) = 0;

  /// The figures that analytics shows, as it shows them.
  virtual Task<Result<json::object>> statistics(Timestamp now) = 0;
  /// {windows: {windowMs, customers, orders}, lastAlerts, blocked, emitted}.
  virtual Task<Result<json::object>> fraud_figures(Timestamp now, Duration window) = 0;
};

}  // namespace foodorder::database
