#include "foodorder/runtime/consume.hpp"

#include <algorithm>

namespace foodorder {

ConsumeLoop::ConsumeLoop(EventBus& bus, Clock& clock, ConsumerSpec spec, Handle handle, std::function<void()> assigned)
    : clock_(clock),
      handle_(std::move(handle)),
      assigned_(std::move(assigned)),
      producer_(bus.producer(ProducerSpec(spec.client_id))),
      pump_(bus.subscribe(spec), clock, [this](ConsumerEvent event) { return on_event(std::move(event)); }) {}

Task<> ConsumeLoop::run() {
  co_await pump_.run();
  co_await producer_->close();
}

bool ConsumeLoop::owns(const TopicPartition& partition) const {
  const auto owned = pump_.consumer().assignment();
  return std::any_of(owned.begin(), owned.end(), [&](const Position& position) { return position.tp == partition; });
}

Task<> ConsumeLoop::on_event(ConsumerEvent event) {
  if (assigned_ && std::holds_alternative<Assigned>(event)) assigned_();
  auto* batch = std::get_if<Records>(&event);
  if (!batch) co_return;  // each batch is finished before the next event is asked for
  Output output;
  for (const ConsumerRecord& record : batch->records) handle_(record, output);
  const bool sent = co_await send_until_acknowledged(*producer_, clock_, std::move(output));
  if (!sent) co_return;
  pump_.commit(std::move(batch->next_offsets));
}

}  // namespace foodorder
