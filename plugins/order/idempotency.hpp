#pragma once

#include "known_orders.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace foodorder::order {

/// The first answer to a request with an Idempotency-Key.
struct FirstAnswer {
  std::string body_hash;
  Order order;
  WriteRank at;      ///< by the record's own log time
  Timestamp time{};  ///< the record's event time
};

/// What is remembered of Idempotency-Keys, by the id of the order that each made (the UUIDv5 of the key). It is
/// learned from the log only, so that every order service and every restart knows the same: of two records of one
/// key the earlier one counts. A forgotten key is a new one, but for one thing: while the order that it made still
/// lives, the book refuses it, because a new order would have that order's id.
class IdempotencyKeys {
 public:
  /// How long a key is remembered, by event time.
  static constexpr Duration kept = std::chrono::hours(24);

  explicit IdempotencyKeys(std::size_t keys_max) : keys_max_(keys_max) {}

  /// Takes a creation that carries a body hash. One that repeats an earlier one changes nothing.
  void learn(const std::string& order_id, FirstAnswer answer);

  /// Null if the key is not known, or forgotten at `now`.
  [[nodiscard]] const FirstAnswer* find(const std::string& order_id, Timestamp now) const;

  [[nodiscard]] std::size_t size() const noexcept { return answers_.size(); }
  void set_keys_max(std::size_t keys_max) noexcept { keys_max_ = keys_max; }

 private:
  void forget();

  std::size_t keys_max_;
  std::unordered_map<std::string, FirstAnswer> answers_;
  std::set<std::pair<Timestamp, std::string_view>> by_time_;
};

}  // namespace foodorder::order
