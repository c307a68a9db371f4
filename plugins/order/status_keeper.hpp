#pragma once

#include "foodorder/bus/event_bus.hpp"
#include "foodorder/runtime/consume.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "foodorder/runtime/view.hpp"
#include "status_reconciler.hpp"

#include <memory>
#include <string>

namespace foodorder::order {

/// Writes `order-status` again where it is wrong. Every instance sees all statuses; of a wrong one, the owner of the
/// partition of `orders` that it follows from writes the right one.
class StatusKeeper {
 public:
  /// All references outlive it.
  StatusKeeper(EventBus& bus, Clock& clock, EventWriter& events, const OrderStore& store, std::string client_id);

  /// A record has landed on `order-status`.
  void take(const std::shared_ptr<const Record>& record);

  /// Judges the statuses that landed by what `orders` has folded. With `writes` it takes up the corrections that are
  /// for `owner` to write. True if it has; write() sends them.
  bool judge(const View& orders, const ConsumeLoop& owner, bool writes);
  /// Completes when the corrections are acknowledged.
  Task<> write();
  Task<> close();

  [[nodiscard]] std::uint64_t corrected() const noexcept { return corrected_; }

 private:
  Clock& clock_;
  EventWriter& events_;
  StatusReconciler reconciler_;
  Output corrections_;
  std::uint64_t corrected_ = 0;
  std::unique_ptr<Producer> producer_;
};

}  // namespace foodorder::order
