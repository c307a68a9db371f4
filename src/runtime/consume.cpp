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
  if (view_) view_->stop();  // what is emitted last needs it
  co_await producer_->close();
}

void ConsumeLoop::stop() {
  pump_.stop();
  view_moved_.set();
}

void ConsumeLoop::pause(bool paused) {
  paused_ = paused;
  pump_.pause(paused);
  // A batch at hand needs the view to move, or the group could not rebalance.
  if (view_ && (!paused || !emitting_)) view_->pause(paused);
}

std::optional<std::int64_t> ConsumeLoop::began_at(const TopicPartition& partition) const {
  const auto found = began_at_.find(partition);
  return found == began_at_.end() ? std::nullopt : std::optional(found->second);
}

bool ConsumeLoop::folded(const std::vector<Position>& next_offsets) const {
  return std::all_of(next_offsets.begin(), next_offsets.end(),
                     [this](const Position& next) { return view_->next_offset(next.tp) >= next.offset; });
}

Task<> ConsumeLoop::on_event(ConsumerEvent event) {
  if (const auto* assigned = std::get_if<Assigned>(&event)) {
    for (const Position& begin : assigned->positions) began_at_[begin.tp] = begin.offset;
    if (assigned_) assigned_();
  } else if (const auto* revoked = std::get_if<Revoked>(&event)) {
    for (const TopicPartition& tp : revoked->partitions) began_at_.erase(tp);
  }
  auto* batch = std::get_if<Records>(&event);
  if (!batch) co_return;  // each batch is finished before the next event is asked for
  if (!view_) {
    co_await emit(std::move(*batch));
    co_return;
  }
  emitting_ = true;
  if (paused_) view_->pause(false);
  while (!pump_.stopping() && !folded(batch->next_offsets)) co_await view_moved_.wait();
  if (!pump_.stopping()) co_await emit(std::move(*batch));
  emitting_ = false;
  if (paused_) view_->pause(true);
}

Task<> ConsumeLoop::emit(Records batch) {
  Output output;
  for (const ConsumerRecord& record : batch.records) handle_(record, output);
  const bool sent = co_await send_until_acknowledged(*producer_, clock_, std::move(output));
  if (!sent) co_return;
  pump_.commit(std::move(batch.next_offsets));
}

}  // namespace foodorder
