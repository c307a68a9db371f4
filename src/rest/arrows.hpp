#pragma once

#include "call_trees.hpp"
#include "calls/caller.hpp"
#include "foodorder/base/json.hpp"
#include "foodorder/base/task.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace foodorder::rest {

/// A caller, and what it left undone.
struct TrackedArrow {
  TrackedArrow(std::unique_ptr<http::Client> how, std::unique_ptr<calls::Caller> who)
      : client(std::move(how)), caller(std::move(who)) {}

  /// Calls, and counts a gap if that failed: the order is there, and the other service does not know of it.
  Task<bool> tell(calls::Call call);

  std::unique_ptr<http::Client> client;
  std::unique_ptr<calls::Caller> caller;
  std::uint64_t gaps = 0;
  // Of a service that tells from its own table: its instances tell in turn, and go on where another one was.
  std::weak_ptr<const void> turn;        ///< whose turn it is, for as long as that lives
  std::optional<std::int64_t> next_row;  ///< the first one that was not told
};

/// All calls that the services make: one caller for each arrow. It outlives the modules, so that figures and faults
/// survive their crashes.
class Arrows {
 public:
  /// A client of a service.
  using MakeClient = std::function<std::unique_ptr<http::Client>(const std::string& service)>;

  /// `seed` decides pauses and faults; `callers` are the services that this process runs. `clock` outlives it, and so
  /// does what the clients use.
  Arrows(const MakeClient& make_client, Clock& clock, std::uint64_t seed,
         std::set<std::string> callers = {"order", "fraud", "notification"});
  Arrows(const Arrows&) = delete;
  Arrows& operator=(const Arrows&) = delete;

  CallTrees trees;                  ///< what became of each call
  TrackedArrow check;               ///< order-fraud-check
  TrackedArrow notify;              ///< order-notification-notify
  TrackedArrow audit;               ///< order-audit-audit
  TrackedArrow fraud_audit;         ///< fraud-audit-audit
  TrackedArrow notification_audit;  ///< notification-audit-audit

  /// Those of the services that this process runs.
  [[nodiscard]] std::vector<TrackedArrow*> all();
  /// Those of services in other processes: only which there are, not what is called along them.
  [[nodiscard]] std::vector<const TrackedArrow*> elsewhere() const;
  /// Null if there is none.
  [[nodiscard]] TrackedArrow* find(std::string_view name);

 private:
  const std::set<std::string> callers_;
};

/// As `GET /api/calls` shows it.
json::object to_json(const TrackedArrow& arrow);
json::array calls_json(Arrows& arrows);
/// The part of that which never changes: {arrow, from, to, path}.
json::object names_of(const calls::Arrow& arrow);

}  // namespace foodorder::rest
