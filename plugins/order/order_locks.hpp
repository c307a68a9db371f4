#pragma once

#include "foodorder/base/park.hpp"
#include "foodorder/base/task.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>

namespace foodorder::order {

/// A lock for each order: writes to one order take it in the order in which they came, writes to different orders do
/// not wait for each other.
class OrderLocks {
 public:
  /// Writes that may wait behind one order's.
  static constexpr std::size_t waiting_max = 100;

  class Lock;

  OrderLocks() : table_(std::make_shared<Table>()) {}

  /// Completes when this write holds the lock; nothing if too many wait already.
  Task<std::optional<Lock>> lock(std::string order_id);

 private:
  struct Table {
    void unlock(const std::string& order_id);

    /// Those that wait, behind the holder.
    std::unordered_map<std::string, std::deque<Waiter<Wake>>> waiting;
  };

  // Shared with each Lock: a request that is dropped after a crash may outlive the module by a moment.
  std::shared_ptr<Table> table_;
};

/// Holds the lock of an order until its destruction.
class OrderLocks::Lock {
 public:
  Lock(std::shared_ptr<Table> table, std::string order_id) : table_(std::move(table)), order_id_(std::move(order_id)) {}
  Lock(Lock&& other) noexcept = default;
  Lock& operator=(Lock&& other) = delete;
  ~Lock() {
    if (table_) table_->unlock(order_id_);
  }

 private:
  std::shared_ptr<Table> table_;
  std::string order_id_;
};

}  // namespace foodorder::order
