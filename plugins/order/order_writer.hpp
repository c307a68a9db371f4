#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/park.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_writer.hpp"

#include <boost/unordered/unordered_flat_map.hpp>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace foodorder::order {

/// Sends records to `orders` and waits for each outcome a bounded time. What is not known then is waited for in the
/// background, and until it is known, or the record is seen in the log, that order is in doubt. Of one order one write
/// at a time (OrderLocks).
class OrderWriter {
 public:
  /// Called with each record that the log has acknowledged, also late, before its sender goes on.
  using Written = std::function<void(const OrderEvent& event, const Position& position, const OrderRecord& record)>;

  OrderWriter(EventBus& bus, Clock& clock, std::string client_id, Duration outcome_timeout, Written written);

  /// A record of one order.
  struct Write {
    /// `partition`: where it goes; none: by its key.
    Write(OrderRecord what, std::optional<std::int32_t> partition) : record(std::move(what)) {
      record.outgoing.partition = partition;
    }

    [[nodiscard]] std::string_view order_id() const noexcept { return *record.outgoing.record->key(); }

    OrderRecord record;
    /// What to call `written` with; none: the effect comes by the log.
    std::optional<OrderEvent> event;
  };
  /// Errors: as Producer::send; outcome_unknown also after the outcome timeout.
  Task<Result<Position>> write(Write what);

  /// The log has this record of `orders`: a write whose acknowledgement was lost is in doubt no more.
  void seen(const Record& record);

  /// The outcome of an earlier write to this order is not known yet.
  [[nodiscard]] bool in_doubt(const std::string& order_id) const;
  [[nodiscard]] std::size_t in_doubt_count() const;
  void set_outcome_timeout(Duration timeout) noexcept { outcome_timeout_ = timeout; }

  /// Waits for what is in flight, then refuses everything.
  Task<> close();

 private:
  struct PendingWrite {
    PendingWrite(Write what, Timestamp until) : write(std::move(what)), due(until) {}

    const Write write;
    const Timestamp due;  ///< its sender waits no longer
    std::optional<Result<Position>> outcome;
    Waiter<Wake> sender;
    bool in_doubt = false;
  };
  using Pending = std::shared_ptr<PendingWrite>;
  using Open = boost::unordered_flat_map<std::string_view, Pending, std::hash<std::string_view>>;
  /// Shared with timers, which may outlive a crashed module by a moment.
  struct State {
    /// Where it stands in `open`; open.end() if it does not, or not any more.
    [[nodiscard]] Open::iterator find(const Pending& pending);

    /// What the log has neither acknowledged nor shown, by order: one is written at a time.
    Open open;
    std::deque<Pending> waited_for;  ///< the next one due first
    Clock::TimerId timer = 0;
    Timestamp timer_due = Timestamp::max();
  };

  Task<> send(Pending pending);
  /// Wakes the sender once the write is due, unless its outcome is known by then.
  void wake_when_due(const Pending& pending);
  static void arm_timer(Clock& clock, const std::shared_ptr<State>& state);
  void settle(const Pending& pending);

  Clock& clock_;
  Duration outcome_timeout_;
  Written written_;
  std::shared_ptr<State> state_;
  std::unique_ptr<Producer> producer_;  // last: it goes first
};

}  // namespace foodorder::order
