#pragma once

#include "foodorder/base/time.hpp"
#include "foodorder/bus/record.hpp"
#include "foodorder/domain/event_ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

// What every record of ours carries besides its body: the CloudEvents 1.0 attributes in Kafka's binary mode
// (`ce_id`, `ce_source`, `ce_type`, `ce_specversion`, `ce_time`), W3C `traceparent`, and `ce_causationid` (CloudEvents'
// correlation extension: the `ce_id` of the record that caused this one).

namespace foodorder {

namespace headers {
inline constexpr std::string_view ce_id = "ce_id";
inline constexpr std::string_view ce_source = "ce_source";
inline constexpr std::string_view ce_type = "ce_type";
inline constexpr std::string_view ce_specversion = "ce_specversion";
inline constexpr std::string_view ce_time = "ce_time";
inline constexpr std::string_view ce_causationid = "ce_causationid";
inline constexpr std::string_view traceparent = "traceparent";
inline constexpr std::string_view retry_count = "retryCount";
/// Of a dead letter that was sent again: how often.
inline constexpr std::string_view redrive_count = "redriveCount";
/// Of `order-status`: the place in `orders` of the record that it tells of.
inline constexpr std::string_view source_partition = "sourcePartition";
inline constexpr std::string_view source_offset = "sourceOffset";
inline constexpr std::string_view body_hash = "idempotencyBodyHash";
inline constexpr std::string_view dlt_original_topic = "kafka_dlt-original-topic";
inline constexpr std::string_view dlt_original_partition = "kafka_dlt-original-partition";
inline constexpr std::string_view dlt_original_offset = "kafka_dlt-original-offset";
inline constexpr std::string_view dlt_exception_message = "kafka_dlt-exception-message";
}  // namespace headers

/// A record's identity for folding duplicates: its ce_id (or a UUID made of one over 256 bytes), or
/// "topic-partition-offset" of a foreign record.
std::string event_id(const ConsumerRecord& record);
/// The same without a copy where it can be: what is given lies in the record, or in `room`.
std::string_view event_id(const ConsumerRecord& record, std::string& room);
EventKey event_key(const ConsumerRecord& record);

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
