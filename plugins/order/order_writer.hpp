#pragma once

#include "foodorder/base/clock.hpp"
#include "foodorder/base/park.hpp"
#include "foodorder/domain/order.hpp"
#include "foodorder/runtime/event_writer.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

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

    [[nodiscard]] const std::string& order_id() const noexcept { return *record.outgoing.record->key; }

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
  struct Sending {
    explicit Sending(Write what) : write(std::move(what)) {}

    Write write;
    std::optional<Result<Position>> outcome;
    Waiter<Wake> sender;
  };
  /// A write that the log has neither acknowledged nor shown.
  struct Open {
    std::string event_id;
    bool in_doubt = false;
  };
  /// Shared with timers, which may outlive a crashed module by a moment.
  struct State {
    /// Null once it is known what became of that write.
    Open* find(const std::string& order_id, std::string_view event_id);

    std::unordered_map<std::string, Open> open;  ///< by order: one is written at a time
  };

  Task<> send(std::shared_ptr<Sending> sending);
  /// `view_tells`: what is written takes effect when it is seen() in the log, not before.
  void settle(const std::string& order_id, const std::string& event_id, const Result<Position>& outcome,
              bool view_tells);

  Clock& clock_;
  Duration outcome_timeout_;
  Written written_;
  std::shared_ptr<State> state_;
  std::unique_ptr<Producer> producer_;  // last: it goes first
};

}  // namespace foodorder::order
