#pragma once

#include "foodorder/base/json.hpp"
#include "foodorder/bus/record.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_headers.hpp"
#include "verify/verifier.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::verify {

/// What is wrong so far; all rules write to one.
class Report {
 public:
  void add(std::string_view rule, std::string what);
  [[nodiscard]] const std::vector<Violation>& violations() const noexcept { return violations_; }

 private:
  std::vector<Violation> violations_;
};

enum class Topic { orders, audit, orders_dlq, order_status, other };

/// A record, read as far as the rules need it.
struct Entry {
  explicit Entry(const ConsumerRecord& read);

  [[nodiscard]] Record::Bytes key() const noexcept { return record.record->key(); }
  [[nodiscard]] Record::Bytes value() const noexcept { return record.record->value(); }
  /// "audit-0@17".
  [[nodiscard]] std::string place() const;
  /// A first delivery on `orders`.
  [[nodiscard]] bool first_delivery() const noexcept { return topic == Topic::orders && !is_retry(*record.record); }

  ConsumerRecord record;
  Topic topic;
  std::string id;                   ///< its ce_id, or its place
  std::string cause;                ///< ce_causationid, empty without
  Timestamp time;                   ///< ce_time
  std::int64_t retries = 0;         ///< by header on `orders`, by body on `audit`
  std::optional<OrderEvent> order;  ///< on `orders`, if it can be read

  // On `audit`, or in a letter that stands in its place, as the body says; empty if it cannot be read.
  std::string source;
  std::string action;
  std::string order_id;
  json::object body;
};

std::string place_of(const Position& position);

}  // namespace foodorder::verify
