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
  const auto pending = std::make_shared<PendingWrite>(std::move(what), clock_.now() + outcome_timeout_);
  if (const auto [open, added] = state_->open.try_emplace(pending->write.order_id(), pending); !added) {
    state_->open.erase(open);  // whose key is a view into the one before
    state_->open.emplace(pending->write.order_id(), pending);
  }
  asio::co_spawn(executor, send(pending), asio::detached);
  if (!pending->outcome) {
    wake_when_due(pending);
    co_await park<Wake>([&](Waiter<Wake> waiter) { pending->sender = std::move(waiter); });
  }
  if (pending->outcome) co_return *pending->outcome;
  pending->in_doubt = true;
  co_return Error(Errc::outcome_unknown,
                  fmt::format("the log has not acknowledged order {} in time", pending->write.order_id()));
}

Task<> OrderWriter::send(Pending pending) {
  const Write& write = pending->write;
  ProducerRecord outgoing = write.record.outgoing;
  Result<Position> outcome = co_await producer_->send(std::move(outgoing));
  if (outcome && write.event) written_(*write.event, *outcome, write.record);
  pending->outcome = std::move(outcome);
  settle(pending);
  pending->sender.complete(Wake{});
}

void OrderWriter::wake_when_due(const Pending& pending) {
  std::deque<Pending>& waited_for = state_->waited_for;
  while (!waited_for.empty() && waited_for.front()->outcome) waited_for.pop_front();
  const auto later = [](Timestamp due, const Pending& other) { return due < other->due; };
  waited_for.insert(std::upper_bound(waited_for.begin(), waited_for.end(), pending->due, later), pending);
  arm_timer(clock_, state_);
}

/// One timer for all writes, because mostly none is needed. One that is too early looks again.
void OrderWriter::arm_timer(Clock& clock, const std::shared_ptr<State>& state) {
  if (state->waited_for.empty() || state->timer_due <= state->waited_for.front()->due) return;
  clock.cancel(state->timer);
  state->timer_due = state->waited_for.front()->due;
  state->timer = clock.call_at(state->timer_due, [&clock, state] {
    std::deque<Pending>& waited_for = state->waited_for;
    for (; !waited_for.empty() && (waited_for.front()->outcome || waited_for.front()->due <= clock.now());
         waited_for.pop_front())
      waited_for.front()->sender.complete(Wake{});
    state->timer_due = Timestamp::max();
    arm_timer(clock, state);
  });
}

OrderWriter::Open::iterator OrderWriter::State::find(const Pending& pending) {
  const auto found = open.find(pending->write.order_id());
  return found != open.end() && found->second == pending ? found : open.end();
}

void OrderWriter::settle(const Pending& pending) {
  const auto open = state_->find(pending);
  if (open == state_->open.end()) return;  // seen before
  const std::string_view order_id = pending->write.order_id();
  const Result<Position>& outcome = *pending->outcome;
  if (pending->in_doubt)
    log::warn("the late outcome of order {}: {}", order_id, outcome ? "written" : outcome.error().message);
  // The sender has gone. A write without an event takes effect when it is seen() in the log: a repetition of the
  // request would be written again until then.
  if (outcome && !pending->write.event && pending->in_doubt) return;
  if (outcome || outcome.error().code != Errc::outcome_unknown) {
    state_->open.erase(open);
    return;
  }
  pending->in_doubt = true;
  clock_.call_at(clock_.now() + doubt_time, [state = state_, pending] {
    if (const auto doubtful = state->find(pending); doubtful != state->open.end()) state->open.erase(doubtful);
  });
}

void OrderWriter::seen(const Record& record) {
  if (state_->open.empty() || !record.key() || is_retry(record)) return;
  const auto open = state_->open.find(*record.key());
  if (open == state_->open.end()) return;
  if (find_uuid(record.headers, headers::ce_id) == open->second->write.record.id) state_->open.erase(open);
}

bool OrderWriter::in_doubt(const std::string& order_id) const {
  const auto open = state_->open.find(order_id);
  return open != state_->open.end() && open->second->in_doubt;
}

std::size_t OrderWriter::in_doubt_count() const {
  const auto doubtful = [](const auto& open) { return open.second->in_doubt; };
  return static_cast<std::size_t>(std::count_if(state_->open.begin(), state_->open.end(), doubtful));
}

Task<> OrderWriter::close() { co_await producer_->close(); }

}  // namespace foodorder::order
