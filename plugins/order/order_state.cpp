#include "order_state.hpp"

#include "foodorder/runtime/event_body.hpp"
#include "foodorder/runtime/event_headers.hpp"

namespace foodorder::order {

bool OrderState::fold(const ConsumerRecord& record) {
  if (is_retry(*record.record)) return true;
  const Result<OrderEvent>& event = order_event(record);
  if (!event) return false;
  const Timestamp time = believed_time(event_time(*record.record), *record.record);
  const auto hash = find_header(record.record->headers, headers::body_hash);
  OrderWrite write = write_of(*record.record, record.position, time);
  if (hash && event->action == OrderAction::created) {
    write.placed_by_key = event_key(record);
    keys.learn(event->order.id, FirstAnswer{std::string(*hash), event->order,
                                            WriteRank{write.logged, write.partition, write.offset}, time});
  }
  store.apply(*event, write);
  return true;
}

OrderWrite write_of(const Record& record, const Position& at, Timestamp time) {
  OrderWrite write;
  write.partition = at.tp.partition;
  write.offset = at.offset;
  write.logged = record.timestamp;
  write.time = time;
  return write;
}

}  // namespace foodorder::order
