#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/bus/event_bus.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_headers.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace foodorder {

/// A record for `orders`, and what the log will say of it.
struct OrderRecord {
  ProducerRecord outgoing;
  Uuid id;         ///< its ce_id
  Timestamp time;  ///< its ce_time
};

/// What the creation of an order under an `Idempotency-Key` carries.
struct CreationKey {
  Uuid event_id;  ///< the same for all records of this key
  std::string body_hash;
};

/// Writes the events of one source ("order-service"): body, headers and trace in one call. Readers in this process need
/// not parse an event of order_event() or audit() again. Every ce_time is Clock::stamp().
class EventWriter {
 public:
  EventWriter(Clock& clock, IdSource& ids, std::string source);

  /// A record of `orders`, in the caller's trace if it has one ("00-<trace>-<span>-<flags>").
  OrderRecord order_event(const OrderEvent& event, std::optional<std::string_view> traceparent = {},
                          const CreationKey* key = nullptr);

  /// A record of `audit` that follows from `cause`, as derive() has it: {source, action, orderId, timestamp}, and
  /// before the time what `fill(JsonObject& body)` adds. The time is now unless `at` says another.
  template <class Fill>
  ProducerRecord audit(const ConsumerRecord& cause, std::string_view type, std::string_view action,
                       std::string_view order_id, const Fill& fill, std::int64_t retry_count = 0,
                       std::optional<Timestamp> at = {}) {
    const AuditHead head{action, order_id, at ? *at : clock_.now()};
    JsonObject body;
    body.add("source", source_).add("action", action).add("orderId", order_id);
    fill(body);
    body.add("timestamp", head.timestamp);
    return finish_audit(cause, type, head, retry_count, body.end());
  }

  /// A new event: its own ce_id, and the caller's trace if it has one.
  Record originate(std::string_view type, std::string_view key, Record::Bytes value,
                   std::optional<std::string_view> traceparent = {});

  /// An event that follows from `cause`: its ce_id is made from the cause's, this source, `action` and
  /// `retry_count`, so that the same work done twice gives the same id. Its trace goes on.
  Record derive(const ConsumerRecord& cause, std::string_view type, std::string_view action, Record::Bytes key,
                Record::Bytes value, std::int64_t retry_count = 0);

  /// What stands on `orders-dlq` for a record that is given up: `reason`, and where the record is, in headers. `type`
  /// is the letter's. Its value is JSON that says more, or the record's own.
  ProducerRecord dead_letter(const ConsumerRecord& given_up, std::string_view type, std::string_view reason,
                             Record::Bytes key, Record::Bytes value);

  /// The cause's record again, with another retryCount: the same event, so key, value and all other headers stay. One
  /// without a ce_id gets its event_id(): its place in the log was its identity, and its retry has another place.
  static Record retry(const ConsumerRecord& cause, std::int64_t retry_count);

 private:
  struct AuditHead {
    std::string_view action;
    std::string_view order_id;
    Timestamp timestamp;
  };

  ProducerRecord finish_audit(const ConsumerRecord& cause, std::string_view type, const AuditHead& head,
                              std::int64_t retry_count, std::string_view body);
  /// Now, in the parent's trace if there is one, else in one of its own.
  [[nodiscard]] Envelope envelope(std::string_view type, const Uuid& id, const std::optional<Traceparent>& parent);

  Clock& clock_;
  IdSource& ids_;
  std::string source_;
};

}  // namespace foodorder
