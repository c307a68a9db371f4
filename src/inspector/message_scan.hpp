#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "message_query.hpp"
#include "row.hpp"

#include <deque>
#include <optional>

namespace foodorder::inspector {

/// What was found in one partition, by offset, and where to go on in both directions.
struct Found {
  std::deque<Row> rows;
  std::size_t bytes = 0;
  std::size_t read = 0;                  ///< records that were looked at
  std::optional<std::int64_t> next;      ///< the offset to read from; none when the end was reached
  std::optional<std::int64_t> previous;  ///< the offset to read back from; none when the start was reached
  std::int64_t end = 0;                  ///< of the partition, as it was at last
  std::optional<std::int64_t> gone_to;   ///< set: what was asked for begins below this offset, the log does not
};

/// Reads a partition for messages that a query wants: as many as it asks for and `bytes_max` allows (one at least), but
/// never more than a part of the log for one answer, however little matches. Errors: as Admin::read.
class MessageScan {
 public:
  MessageScan(Admin& admin, TopicPartition tp, const MessageQuery& query, std::size_t bytes_max)
      : admin_(admin), tp_(std::move(tp)), query_(query), bytes_max_(bytes_max) {}

  /// The first ones at or after `offset`.
  Task<Result<Found>> from(std::int64_t offset);

  /// The last ones before `end`, in a log that begins at `start`.
  Task<Result<Found>> before(std::int64_t end, std::int64_t start);

 private:
  Task<Result<bool>> add_block(Found& found, std::int64_t begin, std::int64_t end);
  [[nodiscard]] bool worn_out(const Found& found) const noexcept;

  Admin& admin_;
  TopicPartition tp_;
  const MessageQuery& query_;
  std::size_t bytes_max_;
  std::size_t bytes_read_ = 0;
};

}  // namespace foodorder::inspector
