#include "order_state.hpp"

#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/event_body.hpp"

namespace foodorder::order {

bool OrderState::fold(const ConsumerRecord& record) {
  if (is_retry(*record.record)) return true;
  const Result<OrderEvent>& event = order_event(record);
  if (!event) return false;
  const Timestamp time = believed_time(event_time(*record.record), *record.record);
  const LogPlace at{record.position.tp.partition, record.position.offset};
  const auto hash = find_header(record.record->headers, headers::body_hash);
  if (hash && event->action == OrderAction::created) {
    const FirstAnswer answer{std::string(*hash), event->order, at, time};
    if (!keys.learn(event->order.id, answer)) return true;
  }
  store.apply(*event, at, time);
  return true;
}

}  // namespace foodorder::order
