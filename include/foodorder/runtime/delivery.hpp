#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/bus/event_bus.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

// Writes the outputs of a module to the log. A failure that may pass is retried without end. A record that its topic
// refuses for good (too large, invalid) goes to `orders-dlq` instead, with the reason in its headers and shortened to
// fit: no output vanishes, and none stops its consumer for ever. Send a record that tells of another one after it, so
// that no record tells of one that does not exist.

namespace foodorder {

/// The records that a module wants to write.
using Output = std::vector<ProducerRecord>;

/// What became of records that were sent together.
struct Delivery {
  bool closed = false;  ///< the producer was closed meanwhile: nothing else is known
  /// In the order of the records: why the log refuses one for good; nothing for one that it has.
  std::vector<std::optional<Error>> refused;
};

/// True for an error that stays the same however often the record is sent.
bool is_refused_for_good(const Error& error) noexcept;

/// True for a record on `orders-dlq` that has a value or a key which can be left out.
bool can_be_shortened(const ProducerRecord& record) noexcept;

/// Adds the headers of a dead letter: which topic `cause` was on (or was meant for), where if it was written, and why.
void add_origin(Headers& headers, const TopicPartition& topic, std::optional<std::int64_t> offset,
                std::string_view reason);

/// Sends all and waits until the log has acknowledged or refused for good each of them. A record for `orders-dlq` that
/// is too large is sent again without its value and, if that does not help, without its key. Other refused records are
/// the caller's to replace. `records` outlives the call.
Task<Delivery> deliver(Producer& producer, Clock& clock, const Output& records);

/// The dead letter for a record that its topic refuses for good.
ProducerRecord dead_letter_for(const ProducerRecord& refused, const Error& error);

/// The same, and what is refused for good goes to `orders-dlq`. False if the producer was closed meanwhile.
Task<bool> send_until_acknowledged(Producer& producer, Clock& clock, Output records);

}  // namespace foodorder
