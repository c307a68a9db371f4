#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/record.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::verify {

/// A promise that the log does not keep.
struct Violation {
  Violation(std::string_view which, std::string text) : rule(which), what(std::move(text)) {}

  std::string rule;  ///< "one-outcome"; docs/internals/simulation.md lists them
  std::string what;  ///< names the records
};

/// How the program was run, as far as its outcome depends on it. The defaults are the program's.
struct Terms {
  std::string fail_mode = "dlq";
  Duration fraud_window = std::chrono::minutes(1);
  Duration fraud_grace = std::chrono::milliseconds(50);
  std::int64_t velocity_limit = 5;
  std::int64_t burst_limit = 20;
  std::int64_t amount_limit_cents = 10'000;
  /// The monolith: retries wait in a queue and are no records of `orders`, the fraud check blocks, statistics are no
  /// records, and a dead job may be started again.
  bool job_queue = false;
  std::string block_on = "HIGH";
  /// Services that call each other: each logs for itself, so nothing is promised about the order of their records, and
  /// what a service was not told is a gap.
  bool calls = false;
  bool outbox = false;            ///< with calls: there is to be no gap once all is told
  bool accept_unchecked = false;  ///< with calls: an order is placed where its caller heard no verdict
};

/// Where a record of `orders` stands.
struct RecordPlace {
  std::int32_t partition = 0;
  std::int64_t offset = 0;
};

/// A write that was acknowledged to a client.
struct Acknowledged {
  Acknowledged(std::string id, std::string what, RecordPlace where)
      : order_id(std::move(id)), action(std::move(what)), at(where) {}

  std::string order_id;
  std::string action;  ///< "created", "updated", "deleted"
  RecordPlace at;      ///< as the ETag tells it
};

/// What a client of the event stream saw, reconnections included: it must be what the log has, from where it began.
class StreamCheck;

/// Reads the log of a run and tells what is wrong with it: whether every event had exactly one outcome, in order, and
/// whether all that was derived from the log can be derived again. It knows nothing of the modules but the events.
class Verifier {
 public:
  explicit Verifier(Terms terms);
  ~Verifier();
  Verifier(const Verifier&) = delete;
  Verifier& operator=(const Verifier&) = delete;

  /// A record of any topic; those of a partition come in the order of their offsets, each once.
  void record(const ConsumerRecord& record);
  /// `group` has committed that next offset: what is below it must be finished in the records told so far.
  void committed(std::string_view group, const Position& next);
  /// The record of this write must be among those told so far.
  void acknowledged(const Acknowledged& write);
  /// The service that had acknowledged `write` was then asked for that order, and showed the state that the record at
  /// `shown` left it in, or none.
  void read(const Acknowledged& write, const std::optional<RecordPlace>& shown);
  /// A request with that `item` was refused: it must never appear.
  void refused(std::string item);
  /// Compaction has removed records of `order-status`: the status of an event may be gone.
  void status_compacted();
  /// Records have come later than fraud waits for: its verdicts need not be those of a replay.
  void fraud_not_exact();
  /// False where that was told, or the log shows it.
  [[nodiscard]] bool fraud_exact() const noexcept;

  /// A new client of the event stream; it lives as long as this.
  StreamCheck& stream();

  /// All records have been given. `settled`: no work is unfinished, so every event must have its outcome.
  void finish(bool settled);
  /// What GET /api/orders answered, after finish(true).
  void check_orders(std::string_view json_array);
  /// The figures of an analytics module, after finish(true).
  void check_statistics(const json::object& figures);
  /// All clients of the event stream have read to the end.
  void check_streams();

  /// Something else that is wrong.
  void add(std::string_view rule, std::string what);
  [[nodiscard]] const std::vector<Violation>& violations() const noexcept;
  /// First deliveries on `orders`, by event.
  [[nodiscard]] std::size_t events() const noexcept;
  [[nodiscard]] std::size_t records() const noexcept;
  /// With calls, after finish(true): what was not told, where that may be.
  [[nodiscard]] const std::vector<std::string>& gaps() const noexcept;
  /// With calls: copies of orders that were never placed, because that failed after the fraud check.
  [[nodiscard]] std::size_t lone_copies() const noexcept;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

class StreamCheck {
 public:
  virtual ~StreamCheck() = default;

  /// The client connects, with the last id that it has seen, if any.
  virtual void connect() = 0;
  /// One event as the client reads it; `id` and `data` may be empty.
  virtual void event(std::string_view id, std::string_view name, std::string_view data) = 0;
  /// The last id that it has seen.
  [[nodiscard]] virtual const std::string& last_id() const noexcept = 0;
};

}  // namespace foodorder::verify
