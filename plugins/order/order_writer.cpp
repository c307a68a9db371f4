#include "order_writer.hpp"

#include "foodorder/base/log.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

namespace foodorder::order {

namespace {

/// When a producer has given up without knowing: in this time the record appears in the log, or never.
constexpr Duration doubt_time = std::chrono::seconds(10);

}  // namespace

OrderWriter::OrderWriter(EventBus& bus, Clock& clock, std::string client_id, Duration outcome_timeout, Written written)
    : clock_(clock),
      outcome_timeout_(outcome_timeout),
      written_(std::move(written)),
      state_(std::make_shared<State>()),
      producer_(bus.producer(ProducerSpec(std::move(client_id)))) {}

Task<Result<Position>> OrderWriter::write(Write what) {
  const Executor executor = co_await asio::this_coro::executor;
  const std::string order_id = what.order_id();
  const std::string event_id = what.record.id;
  const auto sending = std::make_shared<Sending>(std::move(what));
  state_->open.insert_or_assign(order_id, Open{event_id});
  asio::co_spawn(executor, send(sending), asio::detached);
  if (!sending->outcome) {
    const Clock::TimerId timer =
        clock_.call_at(clock_.now() + outcome_timeout_, [sending] { sending->sender.complete(Wake{}); });
    co_await park<Wake>([&](Waiter<Wake> waiter) { sending->sender = std::move(waiter); });
    clock_.cancel(timer);
  }
  if (sending->outcome) co_return *sending->outcome;
  if (Open* const open = state_->find(order_id, event_id)) open->in_doubt = true;
  co_return Error(Errc::outcome_unknown, fmt::format("the log has not acknowledged order {} in time", order_id));
}

Task<> OrderWriter::send(std::shared_ptr<Sending> sending) {
  const Write& write = sending->write;
  ProducerRecord outgoing = write.record.outgoing;
  const Result<Position> outcome = co_await producer_->send(std::move(outgoing));
  if (outcome && write.event) written_(*write.event, *outcome, write.record);
  settle(write.order_id(), write.record.id, outcome, !write.event);
  sending->outcome = outcome;
  sending->sender.complete(Wake{});
}

void OrderWriter::settle(const std::string& order_id, const std::string& event_id, const Result<Position>& outcome,
                         bool view_tells) {
  Open* const open = state_->find(order_id, event_id);
  if (!open) return;  // seen before
  if (open->in_doubt)
    log::warn("the late outcome of order {}: {}", order_id, outcome ? "written" : outcome.error().message);
  // Its sender has gone: until the view has it, the same request would be written again.
  if (outcome && view_tells && open->in_doubt) return;
  if (outcome || outcome.error().code != Errc::outcome_unknown) {
    state_->open.erase(order_id);
    return;
  }
  open->in_doubt = true;
  clock_.call_at(clock_.now() + doubt_time, [state = state_, order_id, event_id] {
    if (state->find(order_id, event_id)) state->open.erase(order_id);
  });
}

void OrderWriter::seen(const Record& record) {
  if (state_->open.empty() || !record.key || is_retry(record)) return;
  const auto id = find_header(record.headers, headers::ce_id);
  if (id && state_->find(*record.key, *id)) state_->open.erase(*record.key);
}

bool OrderWriter::in_doubt(const std::string& order_id) const {
  const auto open = state_->open.find(order_id);
  return open != state_->open.end() && open->second.in_doubt;
}

std::size_t OrderWriter::in_doubt_count() const {
  const auto doubtful = [](const auto& open) { return open.second.in_doubt; };
  return static_cast<std::size_t>(std::count_if(state_->open.begin(), state_->open.end(), doubtful));
}

OrderWriter::Open* OrderWriter::State::find(const std::string& order_id, std::string_view event_id) {
  const auto found = open.find(order_id);
  return found == open.end() || found->second.event_id != event_id ? nullptr : &found->second;
}

Task<> OrderWriter::close() { co_await producer_->close(); }

}  // namespace foodorder::order
