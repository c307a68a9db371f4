#pragma once

#include "calls/caller.hpp"
#include "foodorder/base/json.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::rest {

/// A part of an order's way that is no call: the work of the order service itself.
struct Step {
  std::string name;      ///< "place", "change", and within them "insert"
  std::string trace_id;  ///< that of the calls which it makes
  Timestamp begun{};
  Timestamp ended{};
  std::string outcome;  ///< "placed"
};

/// What the newest orders have caused, by order: the calls that this process has made for them, and the steps between.
/// In memory only.
class CallTrees {
 public:
  static constexpr std::size_t orders_max = 1000;
  static constexpr std::size_t calls_max = 100;  ///< of one order: its first ones, and the newest

  /// What is about no order is not kept.
  void add(const calls::Arrow& arrow, calls::CallRecord call);
  void add(const std::string& order_id, Step step);

  /// As `GET /api/orders/{id}/calls` shows it, in the order of their beginnings. Nothing if none is kept.
  [[nodiscard]] std::optional<json::object> of(std::string_view order_id) const;

 private:
  struct KeptCall {
    const calls::Arrow* arrow = nullptr;
    calls::CallRecord call;
    std::size_t repeated = 0;  ///< how often it was refused again, for the same reason
  };
  struct Tree {
    std::vector<Step> steps;
    std::vector<KeptCall> calls;
    std::size_t left_out = 0;
  };

  Tree& tree_of(const std::string& order_id);
  static json::object to_json(const KeptCall& kept, Timestamp zero);

  std::map<std::string, Tree, std::less<>> trees_;
  std::deque<std::string> ids_;  ///< of the trees, the oldest first
};

/// Adds to `tree` the calls that `service` has made by `other`, the tree of another process; both are as
/// CallTrees::of() gives them, and `tree` is nothing where none is known yet. The result counts from the earlier of the
/// two beginnings, by the clocks of their processes. False, and nothing is added, if `other` is no such tree.
bool add_calls(std::optional<json::object>& tree, const json::value& other, std::string_view service);

}  // namespace foodorder::rest
