#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/bus/record.hpp"
#include "foodorder/domain/event_ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace foodorder {

/// A record's identity for folding duplicates: its ce_id (or a UUID made of one over 256 bytes), or
/// "topic-partition-offset" of a foreign record.
std::string event_id(const ConsumerRecord& record);
/// The same without an allocation where it can be: what is given may lie in the record, or in `room`.
HeaderText event_id(const ConsumerRecord& record, std::string& room);
EventKey event_key(const ConsumerRecord& record);
/// The event_key() of the record that caused this one, as far as it says; else of an empty id.
EventKey cause_key(const Record& record);

/// When it happened: ce_time, else the record's own timestamp.
Timestamp event_time(const Record& record);

/// `claimed`, but not later than the log says: a foreign record may name any time, and no event happens after the
/// millisecond in which it was logged.
Timestamp believed_time(Timestamp claimed, const Record& record);

/// retryCount, 0 when absent or not a number from 1 to 2^31.
std::int64_t retry_count(const Record& record);
/// No first delivery of its event: a retry, or a dead letter that was sent again under its ce_id.
bool is_retry(const Record& record);
/// Of the retry of a record with that count: one more, as long as it is a count.
std::int64_t next_retry_count(std::int64_t count);

}  // namespace foodorder
