#pragma once

#include "foodorder/runtime/delivery.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <variant>

namespace foodorder {

/// The record is finished once the log has what follows from it.
struct Done {};

/// The record failed: after `wait` it is sent again, to its own topic and with the next `retryCount`.
struct Again {
  explicit Again(Duration how_long) : wait(how_long) {}

  Duration wait;
};

/// The record is given up: the letter goes to `orders-dlq`, and `report` follows once it is there.
struct GivenUp {
  explicit GivenUp(ProducerRecord to_keep, std::optional<ProducerRecord> to_report = {})
      : letter(std::move(to_keep)), report(std::move(to_report)) {}

  ProducerRecord letter;                 ///< EventWriter::dead_letter() makes one
  std::optional<ProducerRecord> report;  ///< sent once the letter is in the log
};

using DeliveryResult = std::variant<Done, Again, GivenUp>;

/// What a module decides about its records in a RetryLoop.
class RetryHandler {
 public:
  virtual ~RetryHandler() = default;

  /// A record was delivered: adds to `output` what follows from it.
  virtual DeliveryResult deliver(const ConsumerRecord& record, Output& output) = 0;

  /// The retry of a record is sent now, with that count: what tells of it once the log has it.
  virtual std::optional<ProducerRecord> retried(const ConsumerRecord& record, std::int64_t retry_count) = 0;

  /// The topic refuses the retry of a record for good (too large): it is not sent.
  virtual GivenUp refused(const ConsumerRecord& record, const Error& why) = 0;
};

/// next -> deliver -> send -> commit, as a member of a group: for a module whose work can fail or takes time. Records
/// of a partition finish out of order; only what is below the lowest unfinished one is committed, so nothing is lost,
/// and a crash repeats work with the same event ids. A retry waits here and does not hold up the records behind it; at
/// a stop and when the partition goes to another owner it is sent at once. Nothing in the log tells of a record that is
/// not there.
class RetryLoop {
 public:
  /// `handler` outlives it.
  RetryLoop(EventBus& bus, Clock& clock, ConsumerSpec spec, RetryHandler& handler);
  ~RetryLoop();
  RetryLoop(const RetryLoop&) = delete;
  RetryLoop& operator=(const RetryLoop&) = delete;

  /// Works until stop(), then sends the retries that wait, commits, leaves and completes.
  Task<> run();
  void stop();
  /// Paused, it reads and delivers nothing but stays a member; retries that are due are sent.
  void pause(bool paused);

  /// Records of a partition that may be unfinished before it is held; 10,000 unless set.
  void set_unfinished_max(std::size_t records);
  /// How long each delivery takes, one at a time per partition; none unless set.
  void set_work_time(Duration takes);

  [[nodiscard]] std::size_t waiting() const noexcept;  ///< retries
  [[nodiscard]] std::size_t unfinished() const;

 private:
  class Loop;

  std::unique_ptr<Loop> loop_;
};

}  // namespace foodorder
