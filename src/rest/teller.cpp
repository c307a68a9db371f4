#include "teller.hpp"

#include "foodorder/base/join.hpp"
#include "messages.hpp"

#include <algorithm>
#include <map>
#include <string_view>

namespace foodorder::rest {

namespace {

constexpr std::size_t page_rows = 16;  // that are told at the same time: more would make each of them late
constexpr Duration look_interval = std::chrono::milliseconds(500);
constexpr Duration retry_delay = std::chrono::milliseconds(200);

}  // namespace

Task<> Teller::run() {
  co_await wait_for_turn();
  const auto mine = std::make_shared<const int>(0);
  if (parts_.audit.turn.expired()) parts_.audit.turn = mine;
  co_await prepare();
  const std::shared_ptr<database::Signals> signals = parts_.store.orders().signals();
  // What was written before the stop is still told, as far as that works at once, by each instance that stops.
  while (parts_.audit.next_row) {
    const std::uint64_t known = signals->rows;
    const std::size_t rows = co_await tell_page();
    if (rows > 0) continue;
    if (stopping_) break;
    if (known == signals->rows)
      co_await signals->rows_added.wait_until(parts_.clock, parts_.clock.now() + look_interval, &idle_);
  }
}

Task<> Teller::prepare() {
  for (bool begun = false; !begun && !stopping_;) {
    begun = co_await begin();
    if (!begun) co_await ended_.wait_until(parts_.clock, parts_.clock.now() + retry_delay);
  }
}

Task<> Teller::wait_for_turn() {
  while (!stopping_ && !parts_.audit.turn.expired())
    co_await ended_.wait_until(parts_.clock, parts_.clock.now() + retry_delay);
}

void Teller::stop() {
  stopping_ = true;
  ended_.set();
  retries_.notify_all();
  idle_.complete(Wake{});
}

/// Without an outbox nobody knows what an earlier process has told: it begins at the end.
Task<bool> Teller::begin() {
  if (parts_.audit.next_row) co_return true;
  auto next = co_await parts_.store.services().told();
  if (next && !parts_.outbox) next = co_await parts_.store.orders().end();
  if (!next) {
    reading_.failed(next.error());
    co_return false;
  }
  if (!parts_.audit.next_row) parts_.audit.next_row = *next;
  co_return true;
}

/// Gives how many rows it told. Those of one order are told one after the other, those of different orders at the same
/// time: the receivers put them into one commit.
Task<std::size_t> Teller::tell_page() {
  auto rows = co_await parts_.store.services().journal(*parts_.audit.next_row, page_rows);
  if (!rows) {
    reading_.failed(rows.error());
    if (!stopping_) co_await ended_.wait_until(parts_.clock, parts_.clock.now() + retry_delay);
    co_return 0;
  }
  reading_.worked();
  std::size_t count = 0;
  std::map<std::string_view, Lane> lanes;
  for (const database::JournalRow& row : *rows) lanes[row.logged.order_id].push_back(&row);
  std::vector<Task<>> parts;
  for (const auto& [order, lane] : lanes) parts.push_back(tell_lane(lane, count));
  co_await join(std::move(parts));
  if (count < rows->size()) co_return 0;  // it was stopped: all of it is told again
  if (!rows->empty()) parts_.audit.next_row = std::max(*parts_.audit.next_row, rows->back().seq + 1);
  co_await remember();  // also where nothing is new: it may have failed before
  co_return count;
}

/// Adds to `told`.
Task<> Teller::tell_lane(const Lane& lane, std::size_t& told) {
  for (const database::JournalRow* of_lane : lane) {
    const database::JournalRow& row = *of_lane;
    bool notified = !parts_.notify || !row.event;
    bool taken = co_await tell_once(row, notified);
    while (!taken && parts_.outbox && !stopping_) {
      co_await retries_.wait_until(parts_.clock, parts_.clock.now() + retry_delay);
      taken = co_await tell_once(row, notified);
    }
    if (!taken && parts_.outbox) break;
    ++told;
  }
}

/// True once all have taken it. A gap is one that nobody fills: with an outbox there is none.
Task<bool> Teller::tell_once(const database::JournalRow& row, bool& notified) {
  if (!notified) {
    database::OrderWrite write;
    write.event = *row.event;
    write.event_id = row.logged.cause_id;
    write.trace_id = row.logged.trace_id;
    write.time = row.logged.at - Duration(1);
    calls::Call call = order_call(write);
    notified = co_await tell(*parts_.notify, std::move(call));
  }
  calls::Call call = audit_call(row.logged);
  const bool logged = co_await tell(parts_.audit, std::move(call));
  const bool taken = notified && logged;
  co_return taken;
}

Task<bool> Teller::tell(TrackedArrow& arrow, calls::Call call) {
  if (!parts_.outbox) {
    const bool taken = co_await arrow.tell(std::move(call));
    co_return taken;
  }
  const auto answer = co_await arrow.caller->call(std::move(call));
  co_return answer.has_value();
}

/// Only rows that were taken are behind it: a crash tells some of them again, which the receivers fold.
Task<> Teller::remember() {
  const std::int64_t next = *parts_.audit.next_row;
  if (!parts_.outbox || next == remembered_) co_return;
  const auto kept = co_await parts_.store.services().set_told(next);
  if (kept) remembered_ = next;
}

}  // namespace foodorder::rest
