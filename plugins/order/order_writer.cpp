#include "order_writer.hpp"

#include "foodorder/base/log.hpp"
#include "foodorder/runtime/envelope.hpp"
#include "foodorder/runtime/topics.hpp"

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

Task<Result<Position>> OrderWriter::write(std::string order_id, Record record, std::optional<OrderEvent> event) {
  const Executor executor = co_await asio::this_coro::executor;
  const auto sending = std::make_shared<Sending>(std::move(event));
  asio::co_spawn(executor, send(sending, order_id, std::move(record)), asio::detached);
  if (!sending->outcome) {
    const Clock::TimerId timer =
        clock_.call_at(clock_.now() + outcome_timeout_, [sending] { sending->sender.complete(Wake{}); });
    co_await park<Wake>([&](Waiter<Wake> waiter) { sending->sender = std::move(waiter); });
    clock_.cancel(timer);
  }
  if (sending->outcome) co_return *sending->outcome;
  state_->in_doubt.insert(order_id);
  co_return Error(Errc::outcome_unknown, fmt::format("the log has not acknowledged order {} in time", order_id));
}

Task<> OrderWriter::send(std::shared_ptr<Sending> sending, std::string order_id, Record record) {
  const Timestamp time = event_time(record);
  ProducerRecord outgoing(std::string(topics::orders), std::move(record));
  const Result<Position> outcome = co_await producer_->send(std::move(outgoing));
  if (outcome && sending->event) written_(*sending->event, *outcome, time);
  const bool late = state_->in_doubt.contains(order_id);
  if (!outcome && outcome.error().code == Errc::outcome_unknown)
    doubt_for_a_while(order_id);
  else
    state_->in_doubt.erase(order_id);
  if (late) log::warn("the late outcome of order {}: {}", order_id, outcome ? "written" : outcome.error().message);
  sending->outcome = outcome;
  sending->sender.complete(Wake{});
}

void OrderWriter::doubt_for_a_while(const std::string& order_id) {
  state_->in_doubt.insert(order_id);
  clock_.call_at(clock_.now() + doubt_time, [state = state_, order_id] { state->in_doubt.erase(order_id); });
}

Task<> OrderWriter::close() { co_await producer_->close(); }

}  // namespace foodorder::order
