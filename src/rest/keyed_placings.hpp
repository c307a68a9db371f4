#pragma once

#include "foodorder/base/wait.hpp"
#include "order_http/order_book.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace foodorder::rest {

/// Requests with one Idempotency-Key that are under way at the same time share one outcome. Otherwise each would be
/// checked, and the verdict on one would replace that on another, which is placed. For all instances of a process;
/// requests of other processes meet in the database.
class KeyedPlacings {
 public:
  using Outcome = order::Booked<order::TaggedOrder>;
  class Turn;
  struct Begun;

  KeyedPlacings() : table_(std::make_shared<Table>()) {}

  /// Completes with the outcome of a request with the same body that was under way; or, behind one with another body or
  /// one whose instance has crashed, with the turn of this request. Without a body hash there is no key, and neither.
  Task<Begun> begin(std::string order_id, std::optional<std::string> body_hash);

 private:
  struct Placing {
    std::optional<std::string> body_hash;
    std::optional<Outcome> outcome;
    Condition ended;
  };
  // Shared with each Turn: a request that is dropped after a crash may outlive its system by a moment.
  using Table = std::map<std::string, std::shared_ptr<Placing>>;

  std::shared_ptr<Table> table_;
};

/// Of the request that decides for all with its key, until end() or its destruction.
class KeyedPlacings::Turn {
 public:
  Turn(std::shared_ptr<Table> table, std::string order_id) : table_(std::move(table)), order_id_(std::move(order_id)) {}
  Turn(Turn&& other) noexcept = default;
  Turn& operator=(Turn&& other) = delete;
  ~Turn() { leave({}); }

  void end(const Outcome& outcome) { leave(outcome); }

 private:
  void leave(std::optional<Outcome> outcome);

  std::shared_ptr<Table> table_;  ///< null once it has left
  std::string order_id_;
};

/// Either of the two.
struct KeyedPlacings::Begun {
  std::optional<Turn> turn;
  std::optional<Outcome> shared;
};

}  // namespace foodorder::rest
