#pragma once

#include "conditions.hpp"
#include "feed_reader.hpp"
#include "foodorder/base/ids.hpp"
#include "foodorder/http/http.hpp"
#include "foodorder/runtime/event_writer.hpp"
#include "order_locks.hpp"
#include "order_state.hpp"
#include "order_writer.hpp"
#include "view_gate.hpp"

#include <string_view>

namespace foodorder::order {

/// /api/orders: the handlers. Each runs to its next wait without being disturbed, so what it has checked still holds
/// until then; what a write has checked of its order holds until it is answered (OrderLocks).
class OrderApi {
 public:
  /// What it works on; all of it outlives the handlers.
  struct Parts {
    Clock& clock;
    IdSource& ids;
    EventWriter& events;
    OrderState& state;
    OrderWriter& writer;
    const View& view;
    ViewGate& gate;
    const FeedReader& live;  ///< open: it knows the identity of the log
  };

  OrderApi(Parts parts, Duration view_timeout) : parts_(parts), view_timeout_(view_timeout) {}

  Task<http::Response> create(http::Request& request);
  Task<http::Response> list(http::Request& request) const;
  Task<http::Response> get(http::Request& request) const;
  Task<http::Response> update(http::Request& request);
  Task<http::Response> remove(http::Request& request);

  void set_view_timeout(Duration timeout) noexcept { view_timeout_ = timeout; }

 private:
  /// A creation that carries an Idempotency-Key.
  struct Keyed {
    std::string order_id;
    std::string body_hash;
  };

  Task<http::Response> create_keyed(http::Request& request, const OrderFields& fields, std::string_view key);
  Task<http::Response> change(http::Request& request, OrderAction action, const OrderFields& fields);
  Task<http::Response> learn_answer(const Keyed& keyed, const OrderEvent& event, const OrderWrite& write);
  [[nodiscard]] std::optional<http::Response> known_answer(const Keyed& keyed) const;
  [[nodiscard]] OrderEvent creation(std::string id, const OrderFields& fields) const;
  /// Where the next record of this order goes.
  [[nodiscard]] std::optional<std::int32_t> partition_of(std::string_view order_id) const;
  [[nodiscard]] std::string tag_of(LogPlace at) const { return entity_tag(parts_.live.feed()->log_id(), at); }
  [[nodiscard]] http::Response created_answer(const Order& order, LogPlace at) const;

  Parts parts_;
  Duration view_timeout_;
  OrderLocks locks_;
};

}  // namespace foodorder::order
