#include "status_keeper.hpp"

#include "foodorder/runtime/topics.hpp"
#include "order_events.hpp"

namespace foodorder::order {

StatusKeeper::StatusKeeper(EventBus& bus, Clock& clock, EventWriter& events, const OrderStore& store,
                           std::string client_id)
    : clock_(clock), events_(events), reconciler_(store), producer_(bus.producer(ProducerSpec(std::move(client_id)))) {}

void StatusKeeper::take(const std::shared_ptr<const Record>& record) {
  if (auto source = source_of(*record)) reconciler_.take(LandedStatus{record, *source}, clock_.now());
}

bool StatusKeeper::judge(const View& orders, const ConsumeLoop& owner, bool writes) {
  if (reconciler_.idle()) return false;
  const auto of_orders = [](std::int32_t partition) { return TopicPartition(std::string(topics::orders), partition); };
  const auto known = [&](const LogPlace& place) {
    return orders.next_offset(of_orders(place.partition)) > place.offset;
  };
  StatusReconciler::Began began;
  if (writes) began = [&](std::int32_t partition) { return owner.began_at(of_orders(partition)); };
  const std::uint64_t before = corrected_;
  for (const OrderStatus& correction : reconciler_.corrections(known, began, clock_.now())) {
    add_correction(correction, events_, corrections_);
    ++corrected_;
  }
  return corrected_ > before;
}

Task<> StatusKeeper::write() {
  if (!corrections_.empty()) co_await send_until_acknowledged(*producer_, clock_, std::exchange(corrections_, {}));
}

Task<> StatusKeeper::close() { co_await producer_->close(); }

}  // namespace foodorder::order
