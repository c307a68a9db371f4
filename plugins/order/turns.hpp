#pragma once

#include "foodorder/base/park.hpp"
#include "foodorder/base/task.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace foodorder::order {

/// Lets writes to one order in one after the other, in the order in which they came; writes to different orders do
/// not know of each other.
class Turns {
 public:
  /// Writes that may wait behind one order's.
  static constexpr std::size_t waiting_max = 100;

  class Turn;

  Turns() : table_(std::make_shared<Table>()) {}

  /// Completes when it is this write's turn; nothing if too many wait already.
  Task<std::optional<Turn>> enter(std::string order_id);

 private:
  struct Table {
    void leave(const std::string& order_id);

    /// Those that wait, behind the one whose turn it is.
    std::unordered_map<std::string, std::deque<Waiter<Wake>>> waiting;
  };

  // Shared with each Turn: a request that is dropped after a crash may outlive the module by a moment.
  std::shared_ptr<Table> table_;
};

/// Holds the order's turn; the next one's begins with its destruction.
class Turns::Turn {
 public:
  Turn(std::shared_ptr<Table> table, std::string order_id) : table_(std::move(table)), order_id_(std::move(order_id)) {}
  Turn(Turn&& other) noexcept = default;
  Turn& operator=(Turn&& other) = delete;
  ~Turn() {
    if (table_) table_->leave(order_id_);
  }

 private:
  std::shared_ptr<Table> table_;
  std::string order_id_;
};

}  // namespace foodorder::order
