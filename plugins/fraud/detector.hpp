#pragma once

#include "foodorder/bus/record.hpp"
#include "reorder_buffer.hpp"
#include "rules/fraud_rules.hpp"
#include "rules/sliding_window.hpp"

#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace foodorder::fraud {

/// What was found out about one new order.
struct Verdict {
  std::string order_id;
  std::string customer;
  std::vector<Alert> alerts;
  WindowCounts counts;
};

/// A record whose turn has come. No verdict: an event that had been judged before.
struct Judged {
  explicit Judged(ConsumerRecord what) : record(std::move(what)) {}

  ConsumerRecord record;
  std::optional<Verdict> verdict;
};

/// Reads the records of `orders` and judges new orders in event-time order. The same records give the same verdicts,
/// however the reading of the partitions was interleaved; see ReorderBuffer.
class Detector {
 public:
  enum class Read {
    queued,      ///< a new order, to be judged in its turn
    skipped,     ///< an update, a deletion or a retry
    unparsable,  ///< the body cannot be read
  };

  Detector(std::size_t partitions, const Limits& limits, Duration grace, std::size_t held_max);

  /// Its times are believed as far as believed_time() goes, and if that lies after `now`, when it was read, by more
  /// than the grace, no further than so.
  Read read(const ConsumerRecord& record, Timestamp now);
  /// Everything that the partition held at `time` has been read; Timestamp::max() for all that there will be.
  void read_to_end(std::int32_t partition, Timestamp time) { buffer_.read_to_end(partition, time); }

  /// Judges the next record whose turn has come.
  std::optional<Judged> next();

  /// From the next verdict on. The window's length stays.
  void set_limits(const Limits& limits) { limits_ = limits; }

  [[nodiscard]] bool full(std::int32_t partition) const { return buffer_.full(partition); }
  [[nodiscard]] std::size_t waiting() const noexcept { return buffer_.size() + late_.size(); }
  [[nodiscard]] std::int64_t late() const noexcept { return late_count_; }
  [[nodiscard]] const SlidingWindow& window() const noexcept { return window_; }

 private:
  struct Pending {
    Pending(ConsumerRecord what, std::string id, std::string name, std::int64_t total, Timestamp when)
        : record(std::move(what)), order_id(std::move(id)), customer(std::move(name)), total_cents(total), at(when) {}

    ConsumerRecord record;
    std::string order_id;
    std::string customer;
    std::int64_t total_cents;
    Timestamp at;  // the order's own timestamp, as far as it is believed
  };

  Limits limits_;
  Duration grace_;
  SlidingWindow window_;
  ReorderBuffer<Pending> buffer_;
  std::deque<Pending> late_;
  std::int64_t late_count_ = 0;
};

}  // namespace foodorder::fraud
