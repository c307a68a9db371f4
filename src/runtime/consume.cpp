#include "foodorder/runtime/consume.hpp"

#include "foodorder/base/log.hpp"

namespace foodorder {

namespace {

constexpr Duration resend_delay_min = std::chrono::milliseconds(50);
constexpr Duration resend_delay_max = std::chrono::seconds(2);

bool may_succeed_later(Errc code) noexcept {
  return code == Errc::queue_full || code == Errc::unavailable || code == Errc::outcome_unknown;
}

}  // namespace

Task<bool> send_until_acknowledged(Producer& producer, Clock& clock, Outbox records, Mend mend) {
  Duration delay = resend_delay_min;
  while (!records.empty()) {
    Outbox batch = records;
    const auto results = co_await producer.send_all(std::move(batch));
    Outbox again;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (results[i]) continue;
      const Error& error = results[i].error();
      if (error.code == Errc::closed) co_return false;
      if (may_succeed_later(error.code) || (mend && mend(records[i], error)))
        again.push_back(std::move(records[i]));
      else
        log::error("a record for {} was refused and is left out: {}", records[i].topic, error.message);
    }
    records = std::move(again);
    if (records.empty()) break;
    co_await sleep_for(clock, delay);
    delay = std::min(delay * 2, resend_delay_max);
  }
  co_return true;
}

Task<bool> send_until_acknowledged(Producer& producer, Clock& clock, Outbox records) {
  return send_until_acknowledged(producer, clock, std::move(records), Mend());
}

std::vector<Position> after_last(const std::vector<ConsumerRecord>& records) {
  std::vector<Position> next;
  for (const ConsumerRecord& record : records) {
    const auto same = [&](const Position& position) { return position.tp == record.position.tp; };
    const auto found = std::find_if(next.rbegin(), next.rend(), same);  // mostly that of the record before
    if (found == next.rend())
      next.emplace_back(record.position.tp, record.position.offset + 1);
    else
      found->offset = record.position.offset + 1;
  }
  return next;
}

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
  const auto* batch = std::get_if<Records>(&event);
  if (!batch) co_return;  // each batch is finished before the next event is asked for
  Outbox outbox;
  for (const ConsumerRecord& record : batch->records) handle_(record, outbox);
  const bool sent = co_await send_until_acknowledged(*producer_, clock_, std::move(outbox));
  if (!sent) co_return;
  pump_.commit(after_last(batch->records));
}

}  // namespace foodorder
