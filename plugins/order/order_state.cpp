#include "order_state.hpp"

#include "foodorder/runtime/envelope.hpp"

namespace foodorder::order {

bool OrderState::fold(const ConsumerRecord& record) {
  if (is_retry(*record.record)) return true;
  const Result<OrderEvent> event = parse_order_event(record.record->value.value_or(""));
  if (!event) return false;
  const LogPlace at{record.position.tp.partition, record.position.offset};
  const auto hash = find_header(record.record->headers, headers::body_hash);
  if (hash && event->action == OrderAction::created) {
    const FirstAnswer answer{std::string(*hash), event->order, at, event_time(*record.record)};
    if (!keys.learn(event->order.id, answer)) return true;
  }
  store.apply(*event, at, record.record->timestamp);
  return true;
}

}  // namespace foodorder::order
