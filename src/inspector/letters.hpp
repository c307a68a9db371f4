#pragma once

#include "foodorder/bus/event_bus.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foodorder::inspector {

/// Header of a letter that was sent again: its offset in `orders-dlq`.
inline constexpr std::string_view redrive_offset = "redriveOffset";

/// A record of `orders-dlq`, and what its headers and body say of it.
struct Letter {
  explicit Letter(ConsumerRecord what);

  ConsumerRecord read;
  std::string reason;
  std::optional<std::string> topic;  ///< where it came from
  std::optional<std::int32_t> partition;
  std::optional<std::int64_t> offset;
  std::optional<std::string> by;  ///< the instance that gave up
  std::optional<std::int64_t> retry_count;
  std::int64_t redrive_count = 0;
};

/// The partition that dead letters are in.
TopicPartition dead_letter_partition();

/// The record that a letter stands for, where the log still has it. Errors: as Admin::read, except not_found.
Task<Result<std::optional<ConsumerRecord>>> find_original(Admin& admin, const Letter& letter);

/// The record that is sent again: the original, or else the letter without what it has added; without retryCount, with
/// a redriveCount one higher than that of both, and with the letter's offset as redriveOffset. It is the same event, so
/// it keeps its ce_id, or gets the place that it came from for one. With `edit`, another value (or none), it is another
/// event and has no ce_ headers.
struct Redriven {
  std::int64_t count = 0;
  Record record;
};
Redriven redriven_record(const Letter& letter, const std::optional<ConsumerRecord>& original,
                         const std::optional<std::string>* edit);

}  // namespace foodorder::inspector
